/**
 * The loop of a helping thread. The thread gets these functions as text, so they use only their arguments and the
 * globals of Node and Deno.
 * @module
 */
import type { mathImports } from "./load_program.ts";
import type { bindProduct, NativeLibrary, NativeSgemm } from "./native_product.ts";

/** The data with which a helping thread starts. */
export interface HelperData {
  readonly memory: WebAssembly.Memory;
  /** The addresses of the words by which threads take turns. */
  readonly words: Readonly<
    Record<"run" | "program" | "idle" | "failed" | "ready" | "helping", number>
  >;
  /** The number of the thread, from 1 on. */
  readonly thread: number;
  /** The end of the channel from which the thread gets messages. */
  readonly port: unknown;
  /** The number of times that the thread looks for a program before it sleeps. */
  readonly looks: number;
}

/**
 * A message to a helping thread: a new program (`id` and `module`), a removed program (`id` alone), or the request
 * to end (`end`).
 */
export interface HelperMessage {
  readonly end?: boolean;
  readonly id?: number;
  readonly module?: WebAssembly.Module;
  /** The native library that computes products, if there is one. */
  readonly library?: NativeLibrary | undefined;
}

/** The functions that the loop gets as an argument. */
interface HelperTools {
  receive(port: unknown): { readonly message: HelperMessage } | undefined;
  readonly bindProduct: typeof bindProduct;
  readonly mathImports: typeof mathImports;
}

/** The function `help` of a program: it does the parts of a run that a thread takes, until the run is over. */
type Help = (thread: number, run: number) => void;

/** The programs that a thread knows, and whether it was told to end. */
interface HelperPrograms {
  readonly byId: ReadonlyMap<number, Help>;
  readonly isEnded: boolean;
  /** Reads the messages that have arrived. */
  receive(): void;
}

/** Starts without programs. */
export function helperPrograms(
  { memory, port }: HelperData,
  tools: HelperTools,
): HelperPrograms {
  const byId = new Map<number, Help>();
  const programs = { byId, isEnded: false, receive };
  return programs;

  function receive(): void {
    for (let got = tools.receive(port); got; got = tools.receive(port)) take(got.message);
  }

  function take({ end = false, id, module, library }: HelperMessage): void {
    programs.isEnded ||= end;
    if (id === undefined) return;
    byId.delete(id);
    if (!module) return;
    const sgemm = library ? open(library) : missing;
    const env = { memory, sgemm, kernel: missing, refuseIndex: missing, waited: () => {} };
    const instance = new WebAssembly.Instance(module, { env, math: tools.mathImports(module) });
    byId.set(id, instance.exports["help"] as Help);
  }

  function open({ path, symbol, parameters }: NativeLibrary) {
    const { symbols } = Deno.dlopen(path, { [symbol]: { parameters, result: "void" } });
    return tools.bindProduct(symbols[symbol] as unknown as NativeSgemm, memory);
  }

  function missing(): never {
    throw new Error("internal: a thread that helps cannot call JavaScript");
  }
}

/** Waits for runs and helps with them, until a message ends it. */
export function help(
  { memory, words, thread, looks }: HelperData,
  programs: HelperPrograms,
): void {
  const flags = new Int32Array(memory.buffer);
  const { run, program, idle, ready, helping, failed } = Object.fromEntries(
    Object.entries(words).map(([name, address]) => [name, address >> 2]),
  ) as HelperData["words"];
  let seen = Atomics.load(flags, run);
  Atomics.add(flags, ready, 1);
  while (!programs.isEnded) {
    for (let look = 0; !programs.isEnded && Atomics.load(flags, run) === seen; look++) {
      if (look < looks) continue;
      Atomics.add(flags, idle, 1);
      programs.receive();
      if (!programs.isEnded) Atomics.wait(flags, run, seen);
      Atomics.sub(flags, idle, 1);
      programs.receive();
      look = 0;
    }
    Atomics.add(flags, helping, 1);
    seen = Atomics.load(flags, run);
    const id = Atomics.load(flags, program);
    if (!programs.byId.has(id)) programs.receive();
    try {
      programs.byId.get(id)?.(thread, seen);
    } catch {
      Atomics.store(flags, failed, 1);
    }
    Atomics.sub(flags, helping, 1);
  }
  Atomics.sub(flags, ready, 1);
}
