/**
 * Writes the code by which threads share the work of a program. Each thread takes free parts of the present
 * stage. A stage begins when all parts of the stage before it are done.
 *
 * A word of 64 bits, the turn, holds the number of the run, the number of the stage, and one bit for each part
 * of the stage that is taken. A thread takes a part by a compare-and-exchange that sets the part's bit. This
 * fails if the turn has changed. So a thread that was late or asleep cannot take a part of another stage or run,
 * and nobody waits for a thread that has taken no part. Each thread first tries its own share of the parts, the
 * same share at every stage, because its cache holds what it computed at the stage before.
 * @module
 */
import {
  atomic,
  call,
  type Callee,
  type Expr,
  type FunctionBuilder,
  i32,
  i64,
  type Local,
  type ModuleBuilder,
  select,
} from "../../wasm/mod.ts";

/**
 * The offsets of the words that coordinate the threads, in bytes. Each word has a cache line of its own, except
 * `run`, which is a part of `turn`.
 */
export const WORDS = {
  /** From the highest bits to the lowest: the run (32 bits), the stage (16), and the taken parts (16). */
  turn: 0,
  /** The number of the run: the upper half of `turn`. */
  run: 4,
  /** The number of parts of the present stage that are done. */
  done: 64,
  /** The number of threads that sleep until the turn changes. */
  sleepers: 128,
  /** The number of the program that runs. */
  program: 192,
  /** The number of threads that sleep until there is a program. */
  idle: 256,
  /** 1 if a thread failed. */
  failed: 320,
  /** The number of threads that are ready to help. */
  ready: 384,
  /** The number of threads that help with a run now. */
  helping: 448,
} as const;

/** The size of all words, in bytes. */
export const WORDS_BYTES = 512;

/** The lower half of the turn when all stages are done. */
export const END = 0xffff0000n;

const STAGE_BITS = 16n;

/** The number of times that a thread reads the turn before it sleeps: about 50 microseconds. */
const LOOKS = 16_384;

/** The time that thread 0 sleeps before it calls `waited`, in nanoseconds: one second. */
const PATIENCE = 1_000_000_000n;

/** A stage whose code is a function of the part and the thread. */
export interface TurnStage {
  readonly parts: number;
  /** True if only thread 0 does it. */
  readonly isOwn: boolean;
  readonly callee: Callee;
}

/** The address of the words, and the import that thread 0 calls when the turn has not changed for a second. */
export interface TurnTarget {
  readonly words: number;
  /** The largest number of threads. */
  readonly threads: number;
  readonly waited: Callee;
}

/**
 * Adds three functions: `share()` begins a run and works on it as thread 0, `help(thread, run)` works on a run
 * as another thread, and `end()` ends a run early: nobody takes another part of it.
 */
export function emitTurns(
  builder: ModuleBuilder,
  stages: readonly TurnStage[],
  target: TurnTarget,
): void {
  const at = (word: keyof typeof WORDS) => target.words + WORDS[word];
  const take = emitTake(builder, target);
  const finish = emitFinish(builder, target);
  const params = { thread: "i32", run: "i32" } as const;
  const help = builder.func({ name: "help", params, export: true }, (f, { thread, run }) => {
    const base = f.let(i64.shl(i64.extendU(run), 32n));
    stages.forEach((stage, index) => {
      const turn = (stage: number) => i64.add(base, BigInt(stage) << STAGE_BITS);
      const next = index === stages.length - 1 ? i64.add(base, END) : turn(index + 1);
      emitStage(f, { stage, thread, take, finish, start: turn(index), next });
    });
  });
  builder.func({ name: "share", export: true }, (f) => {
    const run = f.let(i32.add(i32.wrap(i64.shrU(atomic.load64(at("turn")), 32n)), 1));
    f.drop(atomic.exchange32(at("done"), 0));
    f.drop(atomic.exchange64(at("turn"), i64.shl(i64.extendU(run), 32n)));
    f.if(i32.gtS(atomic.load32(at("idle")), 0), () => {
      f.drop(atomic.notify(at("run")));
    });
    f.do(help, i32.const(0), run);
  });
  builder.func({ name: "end", export: true }, (f) => {
    const run = i64.shrU(atomic.load64(at("turn")), 32n);
    f.drop(atomic.exchange64(at("turn"), i64.add(i64.shl(run, 32n), END)));
    f.drop(atomic.notify(at("turn")));
  });
}

function emitStage(f: FunctionBuilder, { stage, thread, take, finish, start, next }: {
  readonly stage: TurnStage;
  readonly thread: Local<"i32">;
  readonly take: Callee<"i32">;
  readonly finish: Callee;
  readonly start: Expr<"i64">;
  readonly next: Expr<"i64">;
}): void {
  const { parts, isOwn, callee } = stage;
  const offered = isOwn ? i32.eqz(thread) : i32.const(parts);
  f.scope(() => {
    const part = f.local("i32");
    f.block((over) => {
      f.repeat((again) => {
        f.set(part, call(take, start, offered, thread));
        f.branchIf(over, i32.ltS(part, 0));
        f.do(callee, part, thread);
        f.do(finish, i64.add(start, fullTurn(parts)), next, i32.const(parts));
        if (parts > 1) f.branch(again);
      });
    });
  });
}

/**
 * Adds the function that takes a part of a stage and returns its number. If no part is free, it waits until the
 * stage is over, and returns -1.
 */
function emitTake(builder: ModuleBuilder, target: TurnTarget): Callee<"i32"> {
  const at = target.words + WORDS.turn;
  const params = { start: "i64", parts: "i32", thread: "i32" } as const;
  return builder.func({ name: "take", params, result: "i32" }, (f, { start, parts, thread }) => {
    const turn = f.local("i64");
    const passed = f.local("i64");
    const free = f.local("i32");
    const looks = f.let(i32.const(0));
    f.repeat((again) => {
      f.set(turn, atomic.load64(at));
      f.set(passed, i64.sub(turn, start));
      f.if(i64.geS(passed, 1n << STAGE_BITS), () => f.return(i32.const(-1)));
      f.set(free, i32.and(i32.xor(i32.wrap(passed), -1), i32.sub(i32.shl(1, parts), 1)));
      f.if(i32.and(i64.geS(passed, 0n), i32.ne(free, 0)), () => {
        const part = f.let(chooseFree(f, { free, parts, thread }, target.threads));
        const value = i64.add(turn, i64.extendU(i32.shl(1, part)));
        const found = atomic.compareExchange64(at, { expected: turn, value });
        f.if(i64.eq(found, turn), () => f.return(part));
        f.branch(again);
      });
      f.set(looks, i32.add(looks, 1));
      f.branchIf(again, i32.ltS(looks, LOOKS));
      f.set(looks, i32.const(0));
      emitSleep(f, { ...target, turn, thread });
      f.branch(again);
    });
    f.return(i32.const(-1));
  });
}

/** Chooses the first free part from the start of the thread's share on; if there is none, the first free part. */
function chooseFree(
  f: FunctionBuilder,
  { free, parts, thread }: Readonly<Record<"free" | "parts" | "thread", Local<"i32">>>,
  threads: number,
): Expr<"i32"> {
  const begin = i32.divU(i32.mul(thread, parts), threads);
  const own = f.let(i32.and(free, i32.shl(-1, begin)));
  return i32.ctz(select(own, own, free));
}

function emitSleep(
  f: FunctionBuilder,
  { words, waited, turn, thread }: Omit<TurnTarget, "threads"> & {
    readonly turn: Local<"i64">;
    readonly thread: Local<"i32">;
  },
): void {
  f.drop(atomic.add32(words + WORDS.sleepers, 1));
  const nanoseconds = select(thread, i64.const(-1n), i64.const(PATIENCE));
  const result = f.let(atomic.wait64(words + WORDS.turn, { expected: turn, nanoseconds }));
  f.drop(atomic.add32(words + WORDS.sleepers, -1));
  f.if(i32.and(i32.eqz(thread), i32.eq(result, 2)), () => f.do(waited));
}

/** Computes the lower half of the turn of stage 0 when all of its parts are taken. */
function fullTurn(parts: number): bigint {
  return (1n << BigInt(parts)) - 1n;
}

/**
 * Adds the function that counts a finished part. After the last part of a stage, when the turn is `full`, it begins
 * the next stage, unless the run was ended early.
 */
function emitFinish(builder: ModuleBuilder, { words }: TurnTarget): Callee {
  const params = { full: "i64", next: "i64", parts: "i32" } as const;
  return builder.func({ name: "finish", params }, (f, { full, next, parts }) => {
    const begin = () => {
      const value = { expected: full, value: next };
      f.drop(atomic.compareExchange64(words + WORDS.turn, value));
      f.if(i32.gtS(atomic.load32(words + WORDS.sleepers), 0), () => {
        f.drop(atomic.notify(words + WORDS.turn));
      });
    };
    f.if(i32.eq(i32.add(atomic.add32(words + WORDS.done, 1), 1), parts), () => {
      f.drop(atomic.exchange32(words + WORDS.done, 0));
      begin();
    });
  });
}
