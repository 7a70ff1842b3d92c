/**
 * The loop of a helping thread. The thread gets this function as text, so the function uses only its arguments
 * and the globals of Node and Deno.
 * @module
 */
import type { mathImports } from "./load_program.ts";
import type { bindProduct, NativeLibrary, NativeSgemm } from "./native_product.ts";

/** The data with which a helping thread starts. */
export interface HelperData {
  readonly memory: WebAssembly.Memory;
  /** The addresses of the words by which threads take turns. */
  readonly words: Readonly<
    Record<"run" | "program" | "idle" | "failed" | "ready", number>
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

/** Waits for programs and helps to run them, until a message ends it. */
export function help({ memory, words, thread, port, looks }: HelperData, tools: HelperTools): void {
  type Help = (thread: number, run: number) => void;
  const flags = new Int32Array(memory.buffer);
  const [run, program, idle, ready] = [words.run, words.program, words.idle, words.ready]
    .map((address) => address >> 2) as [number, number, number, number];
  const programs = new Map<number, Help>();
  const missing = () => {
    throw new Error("internal: a thread that helps cannot call JavaScript");
  };
  const open = ({ path, symbol, parameters }: NativeLibrary) => {
    const { symbols } = Deno.dlopen(path, { [symbol]: { parameters, result: "void" } });
    return tools.bindProduct(symbols[symbol] as unknown as NativeSgemm, memory);
  };
  let isEnded = false;
  const take = ({ end = false, id, module, library }: HelperMessage) => {
    isEnded ||= end;
    if (id === undefined) return;
    programs.delete(id);
    if (!module) return;
    const sgemm = library ? open(library) : missing;
    const env = { memory, sgemm, kernel: missing, refuseIndex: missing, waited: () => {} };
    const instance = new WebAssembly.Instance(module, { env, math: tools.mathImports(module) });
    programs.set(id, instance.exports["help"] as Help);
  };
  const receive = () => {
    for (let got = tools.receive(port); got; got = tools.receive(port)) take(got.message);
  };
  let seen = Atomics.load(flags, run);
  Atomics.add(flags, ready, 1);
  while (!isEnded) {
    for (let look = 0; !isEnded && Atomics.load(flags, run) === seen; look++) {
      if (look < looks) continue;
      Atomics.add(flags, idle, 1);
      receive();
      if (!isEnded) Atomics.wait(flags, run, seen);
      Atomics.sub(flags, idle, 1);
      receive();
      look = 0;
    }
    seen = Atomics.load(flags, run);
    const id = Atomics.load(flags, program);
    if (!programs.has(id)) receive();
    try {
      programs.get(id)?.(thread, seen);
    } catch {
      Atomics.store(flags, words.failed >> 2, 1);
    }
  }
  Atomics.sub(flags, ready, 1);
}
