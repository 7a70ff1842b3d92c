import assert from "node:assert/strict";
import process from "node:process";
import { emitTurns, WORDS } from "../../../lib/jit/emit/parts/turns.ts";
import { Arena } from "../../../lib/jit/run/arena.ts";
import { Pool } from "../../../lib/jit/run/pool.ts";
import { replace } from "../../../lib/jit/trace/backend.ts";
import { workerThreads } from "../../../lib/jit/run/threads.ts";
import {
  atomic,
  type Callee,
  type FunctionBuilder,
  i32,
  type Local,
  ModuleBuilder,
} from "../../../lib/jit/wasm/mod.ts";

/** A part of a stage that is being written. `called` is the import `sgemm`, which fails in helping threads. */
interface PartCode {
  readonly f: FunctionBuilder;
  readonly part: Local<"i32">;
  readonly thread: Local<"i32">;
  readonly called: Callee;
}

type Emit = (code: PartCode) => void;

/** Stages of a program: their parts and their code. */
type Stages = readonly (readonly [parts: number, emit: Emit, isOwn?: boolean])[];

/** Makes a program of a pool, and an instance of it in this thread. */
function programOf(pool: Pool, stages: Stages, sgemm: () => void = () => {}) {
  const builder = new ModuleBuilder();
  builder.importMemory({ module: "env", name: "memory", minPages: 1, shared: true });
  const waited = builder.importFunction({ module: "env", name: "waited" });
  const called = builder.importFunction({ module: "env", name: "sgemm" });
  const callees = stages.map(([parts, emit, isOwn = false], index) => {
    const params = { part: "i32", thread: "i32" } as const;
    const callee = builder.func({ name: `stage ${index}`, params }, (f, at) => {
      emit({ f, ...at, called });
    });
    return { parts, isOwn, callee };
  });
  emitTurns(builder, callees, { words: pool.words, threads: THREADS, waited });
  const module = new WebAssembly.Module(builder.finish());
  const env = { memory: pool.arena.memory, waited: () => pool.waited(), sgemm };
  const { exports } = new WebAssembly.Instance(module, { env });
  const id = pool.add({ module, library: undefined, threads: THREADS });
  const run = () => {
    pool.choose(id);
    (exports["share"] as () => void)();
  };
  return { id, run, end: exports["end"] as () => void };
}

/** Reads one of the words by which threads take turns. */
function wordOf(pool: Pool, word: keyof typeof WORDS): number {
  const flags = new Int32Array(pool.arena.memory.buffer);
  return Atomics.load(flags, (pool.words + WORDS[word]) / 4);
}

const THREADS = 4;

/** Makes a pool with an array of numbers in its memory. */
function poolWith(length: number) {
  const arena = new Arena({ isShared: true });
  const at = arena.allocate(4 * length);
  return { pool: new Pool(arena), at, numbers: new Int32Array(arena.memory.buffer, at, length) };
}

async function startAll(pool: Pool): Promise<void> {
  pool.start();
  assert.equal(pool.size, THREADS - 1);
  while (pool.ready < pool.size) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Waits until all threads sleep; the test never ends if they do not. */
async function untilAsleep(pool: Pool): Promise<void> {
  while (wordOf(pool, "idle") < pool.size) await new Promise((resolve) => setTimeout(resolve, 5));
}

const withThreads = { ignore: workerThreads() === undefined };

Deno.test(
  "Pool: threads do each part of each stage once, one stage after the other",
  withThreads,
  async () => {
    const { pool, at, numbers } = poolWith(64);
    // Each part adds the number of its stage to its own place, if the stage before has done all of its places.
    const stage = (index: number): Emit => ({ f, part }) => {
      const place = f.let(i32.shl(part, 2));
      for (let other = 0; other < 16; other++) {
        const before = i32.eq(atomic.load32(at + 4 * other), index);
        const now = i32.eq(atomic.load32(at + 4 * other), index + 1);
        f.if(i32.eqz(i32.or(before, now)), () => f.drop(atomic.add32(at + 128, 1)));
      }
      f.drop(atomic.add32(i32.add(place, at), 1));
    };
    const { run } = programOf(pool, Array.from({ length: 20 }, (_, index) => [16, stage(index)]));
    await startAll(pool);
    for (let call = 1; call <= 200; call++) {
      numbers.fill(0, 0, 16);
      run();
      assert.deepEqual([...numbers.subarray(0, 16)], new Array(16).fill(20));
    }
    assert.equal(numbers[32], 0, "a stage began before the one before it was done");
    pool.stop();
  },
);

Deno.test("Pool: a stage of the calling thread is done by thread 0 only", withThreads, async () => {
  const { pool, at, numbers } = poolWith(2);
  const note: Emit = ({ f, thread }) => {
    f.drop(atomic.add32(at, 1));
    f.drop(atomic.add32(at + 4, thread));
  };
  const { run } = programOf(pool, new Array(8).fill([1, note, true]));
  await startAll(pool);
  for (let call = 0; call < 100; call++) run();
  assert.deepEqual([...numbers], [800, 0]);
  pool.stop();
});

Deno.test(
  "Pool: threads sleep when nothing runs, and wake for the next run",
  withThreads,
  async () => {
    const { pool, at, numbers } = poolWith(1);
    const { run } = programOf(pool, [[16, ({ f }) => f.drop(atomic.add32(at, 1))]]);
    await startAll(pool);
    for (let round = 1; round <= 3; round++) {
      run();
      assert.equal(numbers[0], 16 * round);
      await untilAsleep(pool);
    }
    pool.stop();
  },
);

Deno.test(
  "Pool: programs come and go; the threads end with the last one and start anew",
  withThreads,
  async () => {
    const { pool, at, numbers } = poolWith(1);
    const add = (value: number): Stages => [[16, ({ f }) => f.drop(atomic.add32(at, value))]];
    const [one, two] = [programOf(pool, add(1)), programOf(pool, add(2))];
    await startAll(pool);
    one.run();
    two.run();
    const three = programOf(pool, add(3));
    three.run();
    pool.remove(one.id);
    two.run();
    assert.equal(numbers[0], 16 * (1 + 2 + 3 + 2));
    assert.equal(pool.size, THREADS - 1);
    pool.remove(two.id);
    pool.remove(three.id);
    assert.equal(pool.size, 0);
    const four = programOf(pool, add(4));
    four.run();
    await startAll(pool);
    four.run();
    assert.equal(numbers[0], 16 * (8 + 4 + 4));
    pool.remove(four.id);
  },
);

Deno.test(
  "Pool: threads that end leave the counts right for those that follow",
  withThreads,
  async () => {
    const { pool, at, numbers } = poolWith(1);
    const { run } = programOf(pool, [[16, ({ f }) => f.drop(atomic.add32(at, 1))]]);
    for (let round = 1; round <= 5; round++) {
      await startAll(pool);
      run();
      assert.equal(numbers[0], 16 * round);
      pool.stop();
    }
    while (wordOf(pool, "ready") > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(wordOf(pool, "idle"), 0);
    assert.equal(wordOf(pool, "sleepers"), 0);
  },
);

Deno.test("Pool: a run that ends early leaves the next one right", withThreads, async () => {
  const { pool, at, numbers } = poolWith(1);
  const stopped = () => {
    throw new Error("stopped on purpose");
  };
  const count: Emit = ({ f }) => f.drop(atomic.add32(at, 1));
  const stops: Stages = [[16, count], [1, ({ f, called }) => f.do(called), true], [16, count]];
  const [program, plain] = [programOf(pool, stops, stopped), programOf(pool, [[16, count]])];
  await startAll(pool);
  for (let call = 1; call <= 20; call++) {
    assert.throws(() => program.run(), /stopped on purpose/);
    program.end();
    plain.run();
    assert.equal(numbers[0], 32 * call);
  }
  await untilAsleep(pool);
  pool.stop();
});

Deno.test(
  "Pool: settle() waits for the parts of a run that an error has ended",
  withThreads,
  async () => {
    const { pool, at, numbers } = poolWith(4);
    const [own, begun, done, plain] = [at, at + 4, at + 8, at + 12];
    const stopped = () => {
      throw new Error("stopped on purpose");
    };
    const waitFor = (f: FunctionBuilder, address: number) =>
      f.repeat((again) => f.branchIf(again, i32.eqz(atomic.load32(address))));
    // Thread 0 fails once another thread is in a part. Each other thread takes one part, which lasts longer than that.
    const long: Emit = ({ f, thread, called }) => {
      f.if(i32.eqz(thread), () => {
        f.drop(atomic.add32(own, 1));
        waitFor(f, begun);
        f.do(called);
      });
      f.drop(atomic.add32(begun, 1));
      waitFor(f, own);
      f.loop({ to: 20_000_000 }, () => f.drop(atomic.load32(own)));
      f.drop(atomic.add32(done, 1));
    };
    const failing = programOf(pool, [[THREADS, long]], stopped);
    const counting = programOf(pool, [[2, ({ f }) => f.drop(atomic.add32(plain, 1))]]);
    await startAll(pool);
    for (let call = 1; call <= 3; call++) {
      numbers.fill(0);
      assert.throws(() => failing.run(), /stopped on purpose/);
      failing.end();
      pool.settle();
      assert(numbers[1]! > 0);
      assert.equal(numbers[2], numbers[1], "a thread still writes");
      for (let run = 0; run < 50; run++) counting.run();
      assert.equal(numbers[3], 100);
    }
    pool.stop();
  },
);

Deno.test("Pool: no stage of a run begins after its end", withThreads, async () => {
  const { pool, at, numbers } = poolWith(2);
  let end = () => {};
  const first: Emit = ({ f, thread, called }) => {
    f.if(i32.eqz(thread), () => f.do(called)); // ends the run, and finishes its part
    f.drop(atomic.add32(at, 1));
  };
  const second: Emit = ({ f }) => f.drop(atomic.add32(at + 4, 1));
  const program = programOf(pool, [[1, first, true], [16, second]], () => end());
  end = program.end;
  await startAll(pool);
  for (let call = 1; call <= 20; call++) program.run();
  pool.settle();
  assert.deepEqual([...numbers], [20, 0]);
  pool.stop();
});

Deno.test(
  "Pool: a thread that fails is an error, not a wait without end",
  withThreads,
  async () => {
    const { pool } = poolWith(1);
    // This thread does one part and waits in it until the other part has failed.
    const sgemm = () => {
      while (wordOf(pool, "failed") === 0);
    };
    const program = programOf(pool, [[2, ({ f, called }) => f.do(called)]], sgemm);
    await startAll(pool);
    assert.throws(
      () => program.run(),
      /^Error: Cannot run a compiled function: expected its threads to finish, got one that failed; all programs run on one thread now$/,
    );
    assert.equal(pool.size, 0, "the threads are gone");
    assert.equal(pool.isUsable, false);
    pool.start();
    assert.equal(pool.size, 0, "none starts again");
  },
);

Deno.test("Pool: where no thread may start, programs have one thread", withThreads, () => {
  const { pool } = poolWith(1);
  programOf(pool, [[2, () => {}]]);
  class Refused {
    constructor() {
      throw new Error("refused on purpose");
    }
  }
  const restore = replace(process, "getBuiltinModule", (original) =>
    ((name: string) => ({
      ...original(name) as object,
      Worker: Refused,
    })) as typeof original);
  try {
    pool.start();
  } finally {
    restore();
  }
  assert.equal(pool.size, 0);
  assert.equal(pool.isUsable, false);
});
