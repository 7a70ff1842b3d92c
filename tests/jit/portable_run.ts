/** Runs the portable training in a process of its own, without a native library. */
import assert from "node:assert/strict";
import { bundle } from "./portable_bundle.ts";
import type { trainBoth } from "./portable_step.ts";

/** What the training gave without relaxed SIMD, and as the engine likes it. */
export type TrainedBoth = Awaited<ReturnType<typeof trainBoth>>;

const CODE = `
  import { trainBoth } from "./portable_step.ts";
  const { log } = console;
  console.log = () => {}; // TensorFlow.js prints a banner in Node
  trainBoth().then((result) => log(JSON.stringify(result)));
`;

const COMMANDS = { deno: [Deno.execPath(), "run", "-A", "--no-lock"], node: ["node"] } as const;

/** The name of an engine. */
export type Engine = keyof typeof COMMANDS;

/** Bundles code into one file, runs it in an engine, and returns the JSON of its last line. */
export async function runBundled(
  engine: Engine,
  { code, env = {} }: { readonly code: string; readonly env?: Readonly<Record<string, string>> },
): Promise<unknown> {
  const file = await Deno.makeTempFile({ suffix: ".cjs" });
  try {
    await Deno.writeTextFile(file, await bundle(code, "node"));
    const [program, ...args] = [...COMMANDS[engine], file];
    const options = { args, env: { GAN_BLAS: "none", ...env } };
    const { success, stdout, stderr } = await new Deno.Command(program!, options).output();
    assert(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  } finally {
    await Deno.remove(file);
  }
}

/** Runs the training in an engine. */
export async function runPortable(engine: Engine): Promise<TrainedBoth> {
  return await runBundled(engine, { code: CODE }) as TrainedBoth;
}
