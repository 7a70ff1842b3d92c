/** Results and variables are the same to the last bit for any number of threads. */
import assert from "node:assert/strict";
import { loadBlas } from "../../../lib/jit/run/blas.ts";
import { type Outcomes, THREADS } from "./threads_equal.ts";

const SCRIPT = new URL("threads_equal_run.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** Runs all functions, or only the networks, in a process that may have eight threads. */
async function outcomes(which: "all" | "gans", library: string): Promise<Outcomes> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--config", CONFIG, SCRIPT, which],
    env: { JIT_THREADS: "8", GAN_BLAS: library },
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const last = text!.trim().split("\n").at(-1)!;
  assert.match(last, /^\{/, errors);
  return JSON.parse(last);
}

/** Compares the outcomes of one function. */
function assertEqual(name: string, found: Outcomes): void {
  const [alone, ...shared] = found[name]!;
  assert.equal(alone!.isShared, false, "one thread needs no turns");
  shared.forEach(({ digest }, i) => {
    assert.equal(digest, alone!.digest, `${name} with ${THREADS[i + 1]} threads`);
  });
}

/** Tells whether a function really had as many threads as were asked for. */
function assertShared(name: string, found: Outcomes): void {
  found[name]!.forEach(({ isShared, helpers }, i) => {
    assert.equal(isShared, THREADS[i]! > 1, `${name} is a program for ${THREADS[i]} threads`);
    assert.equal(helpers, THREADS[i]! - 1, `${name} has ${THREADS[i]} threads`);
  });
}

const GANS = ["dense", "noisy", "penalty"];

Deno.test("jit() GAN steps and random programs end bit for bit alike with 1, 2, 3, 4 and 8 threads", async () => {
  const found = await outcomes("all", "none");
  for (const name of Object.keys(found)) assertEqual(name, found);
  for (const name of GANS) assertShared(name, found);
  const random = Object.keys(found).filter((name) => !GANS.includes(name));
  const shared = random.filter((name) => found[name]![1]!.isShared);
  assert(random.length === 9 && shared.length >= 5, `only ${shared} are shared`);
});

Deno.test({
  name: "jit() GAN steps with a native library end bit for bit alike with 1, 2, 3, 4 and 8 threads",
  ignore: loadBlas() === undefined,
  fn: async () => {
    const found = await outcomes("gans", loadBlas()!.path);
    for (const name of GANS) {
      assertEqual(name, found);
      assertShared(name, found);
    }
  },
});
