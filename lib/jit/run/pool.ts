/**
 * Threads that help to run large programs. They start when a program is first shared, sleep while no program
 * runs, and end with the last large program or with the process. They do not keep the process alive.
 * @module
 */
import { END, WORDS, WORDS_BYTES } from "../emit/parts/turns.ts";
import { type Arena, sharedArena } from "./arena.ts";
import { mathImports } from "./load_program.ts";
import { bindProduct, type NativeLibrary } from "./native_product.ts";
import { mostThreads, type Port, type WorkerThread, workerThreads } from "./threads.ts";
import type { Way } from "./governor.ts";
import { help, type HelperData, type HelperMessage, helperPrograms } from "./helper.ts";

/** The number of times that a thread looks for the next program before it sleeps: about 50 microseconds. */
const LOOKS = 5000;

/** The number of seconds without progress after which the threads are ended. */
const MOST_WAITS = 60;

/** A program that several threads run together. */
export interface SharedProgram {
  readonly module: WebAssembly.Module;
  /** The native library that computes products, if there is one. */
  readonly library: NativeLibrary | undefined;
  /** The largest number of threads that run it. */
  readonly threads: number;
}

interface Helper {
  readonly worker: WorkerThread;
  readonly port: Port;
}

/** Threads and the programs that they know. */
export class Pool {
  /** The address of the words by which threads take turns. */
  readonly words: number;
  /** The way to run all programs, set by tests and measurements; undefined to choose the faster way. */
  way: Way | undefined;
  /** True while threads share a program. An ordinary kernel in it may call another, which runs alone. */
  isRunning = false;
  readonly #programs = new Map<number, SharedProgram>();
  #helpers: Helper[] = [];
  #isBroken = false;
  #nextId = 1;
  #waits = 0;
  #progress = "";

  /** Starts without threads, and reserves the words in the memory of `arena`. */
  constructor(readonly arena: Arena) {
    this.words = arena.allocate(WORDS_BYTES);
    new Uint8Array(arena.memory.buffer, this.words, WORDS_BYTES).fill(0);
    this.#flags[this.#at("turn")] = Number(END);
  }

  /** The number of threads that were started and not ended. */
  get size(): number {
    return this.#helpers.length;
  }

  /** False while a program runs, and after a thread failed or did not answer for a minute. */
  get isUsable(): boolean {
    return !this.isRunning && !this.#isBroken;
  }

  /** True if threads have been started and all of them are ready to help. */
  get isReady(): boolean {
    return this.size > 0 && this.ready >= this.size;
  }

  /** The number of threads that are ready to help. */
  get ready(): number {
    return Atomics.load(this.#flags, this.#at("ready"));
  }

  /** Adds a program and returns its number. */
  add(program: SharedProgram): number {
    const id = this.#nextId++;
    this.#programs.set(id, program);
    this.#helpers.forEach((helper, index) => this.#send(helper, index, id));
    return id;
  }

  /** Removes a program. The threads end when no program is left. */
  remove(id: number): void {
    this.#programs.delete(id);
    this.#helpers.forEach(({ port }) => port.postMessage({ id }));
    if (this.#programs.size === 0) this.stop();
  }

  /**
   * Starts the threads that are missing. They are ready about 50 ms later. Until then, runs do without them.
   * Where no thread may start, as in Node without that permission, everything runs on one thread.
   */
  start(): void {
    if (this.#isBroken) return;
    const wanted = Math.max(...[...this.#programs.values()].map(({ threads }) => threads)) - 1;
    try {
      while (this.#helpers.length < wanted) {
        const index = this.#helpers.length;
        const helper = this.#startHelper(index + 1);
        this.#helpers.push(helper);
        for (const id of this.#programs.keys()) this.#send(helper, index, id);
      }
    } catch {
      this.#giveUp();
    }
  }

  /**
   * Tells all threads to end. Each still takes itself out of the counts in the words, so new threads may start
   * at once.
   */
  stop(): void {
    for (const { port } of this.#helpers) {
      port.postMessage({ end: true } satisfies HelperMessage);
      port.close();
    }
    this.#helpers = [];
    Atomics.add(this.#flags, this.#at("run"), 1);
    Atomics.notify(this.#flags, this.#at("run"));
  }

  /** Ends all threads by force. None starts again, because they may have left the words in any state. */
  #giveUp(): void {
    this.#isBroken = true;
    this.#helpers.forEach(({ worker }) => worker.terminate());
    this.#helpers = [];
  }

  /**
   * Waits until no thread helps with a run that was ended early, as after a stack overflow in one of its parts. Such
   * a thread still writes results, and would count its part in the next run.
   */
  settle(): void {
    const [flags, at] = [this.#flags, this.#at("helping")];
    for (let waits = 0; !this.#isBroken; waits++) {
      const helping = Atomics.load(flags, at);
      if (helping === 0) return;
      if (waits === 1000 * MOST_WAITS) this.#giveUp();
      Atomics.wait(flags, at, helping, 1);
    }
  }

  /** Sets the program that runs next. */
  choose(id: number): void {
    this.#waits = 0;
    Atomics.store(this.#flags, this.#at("program"), id);
  }

  /**
   * Checks the threads when thread 0 has waited for a second. If this throws an error, all programs run on one
   * thread from then on.
   *
   * @throws {Error} if a thread failed, or nothing has happened for a minute.
   */
  waited(): void {
    const [failed, turn, run, done] = (["failed", "turn", "run", "done"] as const)
      .map((word) => Atomics.load(this.#flags, this.#at(word)));
    const progress = `${run} ${turn} ${done}`;
    this.#waits = progress === this.#progress ? this.#waits + 1 : 0;
    this.#progress = progress;
    if (failed === 0 && this.#waits < MOST_WAITS) return;
    this.#giveUp();
    throw new Error(
      "Cannot run a compiled function: expected its threads to finish, got " +
        `${
          failed ? "one that failed" : "no answer for a minute"
        }; all programs run on one thread now`,
    );
  }

  get #flags(): Int32Array {
    return new Int32Array(this.arena.memory.buffer);
  }

  #at(word: keyof typeof WORDS): number {
    return (this.words + WORDS[word]) / 4;
  }

  #startHelper(thread: number): Helper {
    const { Worker, MessageChannel } = workerThreads()!;
    const { port1, port2 } = new MessageChannel();
    const words = Object.fromEntries(
      Object.entries(WORDS).map(([word, offset]) => [word, this.words + offset]),
    ) as HelperData["words"];
    const { memory } = this.arena;
    const workerData: HelperData = { memory, words, thread, port: port2, looks: LOOKS };
    const worker = new Worker(helperText(), { eval: true, workerData, transferList: [port2] });
    // A thread that ends outside a run has taken no part, so nobody waits for it.
    worker.on("error", () => this.#giveUp());
    worker.unref();
    port1.unref();
    return { worker, port: port1 };
  }

  #send({ port }: Helper, index: number, id: number): void {
    const { module, library, threads } = this.#programs.get(id)!;
    if (index + 1 >= threads) return;
    port.postMessage({ id, module, library } satisfies HelperMessage);
  }
}

/** Makes the JavaScript text that a helping thread runs. */
function helperText(): string {
  return `
    const { workerData, receiveMessageOnPort: receive } =
      process.getBuiltinModule("node:worker_threads");
    const [bindProduct, mathImports] = [${bindProduct}, ${mathImports}];
    const programs = (${helperPrograms})(workerData, { receive, bindProduct, mathImports });
    (${help})(workerData, programs);
  `;
}

let shared: Pool | undefined;

/** Returns the pool of this process, made when it is first needed; undefined if programs may use only one thread. */
export function sharedPool(): Pool | undefined {
  return mostThreads() > 1 ? shared ??= new Pool(sharedArena()) : undefined;
}
