/** The compiler runs where TensorFlow.js runs: bundled into one file, in Deno and in Node, with the same bits. */
import assert from "node:assert/strict";
import { runBundled, runPortable } from "./portable_run.ts";

Deno.test("jit() bundled into one file gives the same bits in Node as in Deno", async () => {
  const deno = await runPortable("deno");
  const node = await runPortable("node");
  assert.equal(deno.fastest.relaxedSimd, true);
  for (const trained of [deno.strict, deno.fastest, node.strict, node.fastest]) {
    assert.equal(trained.fallbacks, 0);
    assert(trained.losses.every((loss) => loss > 0 && loss < 10), String(trained.losses));
  }
  assert.notEqual(deno.strict.bits, deno.fastest.bits); // else the tier is not tried
  assert.deepEqual(node.strict, deno.strict);
  assert.deepEqual(node.fastest, node.fastest.relaxedSimd ? deno.fastest : deno.strict);
});

/** Trains a layer on one thread and on three, each of which is ready before the last steps. */
const SHARED = `
  import * as tf from "@tensorflow/tfjs";
  import { jit } from "../../lib/jit/mod.ts";
  import { sharedPool } from "../../lib/jit/run/pool.ts";
  const { log } = console;
  console.log = () => {}; // TensorFlow.js prints a banner in Node
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  async function train(threads: number) {
    const w = tf.variable(tf.randomUniform([784, 256], -0.05, 0.05, "float32", 3));
    const [x, optimizer] = [tf.randomUniform([64, 784], 0, 1, "float32", 4), tf.train.adam(1e-3)];
    const loss = () => tf.tanh(x.matMul(w)).square().mean();
    const step = jit(() => optimizer.minimize(loss, true, [w]), { rehearse: true, threads });
    const pool = sharedPool()!;
    pool.way = "shared";
    for (let i = 0; i < 3; i++) step().dispose();
    while (pool.isUsable && pool.ready < threads - 1) await pause();
    for (let i = 0; i < 20; i++) step().dispose();
    return { threads: step.explain().threads, helpers: pool.size, weights: [...w.dataSync()] };
  }
  tf.setBackend("cpu")
    .then(async () => log(JSON.stringify([await train(1), await train(3)])));
`;

Deno.test("jit() bundled into one file shares its work between threads in Node, with the same bits", async () => {
  // Under this option the text of a thread is a module.
  const env = { JIT_THREADS: "3", NODE_OPTIONS: "--input-type=module" };
  const [alone, shared] = await runBundled("node", { code: SHARED, env }) as readonly {
    readonly threads: number;
    readonly helpers: number;
    readonly weights: readonly number[];
  }[];
  assert.deepEqual([alone?.threads, alone?.helpers], [1, 0]);
  assert.deepEqual([shared?.threads, shared?.helpers], [3, 2]);
  assert.deepEqual(shared?.weights, alone?.weights);
});
