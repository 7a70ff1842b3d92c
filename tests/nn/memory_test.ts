/** If a cell that makes and trains networks runs repeatedly, unused networks are garbage-collected. */
import assert from "node:assert/strict";

/** Runs a cell repeatedly in its own process, where garbage collection can be requested. */
async function runAgain(times: number, compile: boolean): Promise<readonly (readonly number[])[]> {
  const code = `
    import * as tf from "@tensorflow/tfjs";
    import { Discriminator, Generator, gradientPenalty, MovingAverage } from "@gan-notebooks/lib/nn";
    const chain = (inputs, units, outputs) => tf.sequential({ layers: [
      tf.layers.dense({ inputShape: [inputs], units }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: outputs }),
    ] });
    const cell = () => {
      const options = () => ({ optimizer: tf.train.adam(1e-3), compile: ${compile} });
      const penalty = gradientPenalty();
      const D = new Discriminator({ ...options(), loss: "hinge", penalty, model: chain(256, 512, 1) });
      const G = new Generator({ ...options(), model: chain(8, 512, 256) });
      const average = new MovingAverage(G.model);
      for (let i = 0; i < 3; i++) {
        D.train(new Float32Array(2 * 256), [1, 1]);
        D.train(G.forward(new Float32Array(2 * 8)), [0, 0]);
        G.train(D, new Float32Array(2 * 8), [1, 1]);
        average.update();
      }
      return [D, G, average].map((made) => new WeakRef(made));
    };
    const refs = [];
    for (let run = 0; run < ${times}; run++) {
      refs.push(...cell());
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        gc();
      }
      const alive = refs.filter((ref) => ref.deref()).length;
      const variables = Object.keys(tf.engine().registeredVariables).length;
      console.log("run", alive, variables, tf.memory().numBytes, Deno.memoryUsage().rss);
    }`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--v8-flags=--expose-gc", "--config", "deno.json", code],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => /^run /.test(line));
  assert.equal(lines.length, times, new TextDecoder().decode(stderr));
  return lines.map((line) => line.split(" ").slice(1).map(Number));
}

// Plain TensorFlow.js is slow, so fewer runs; each leaves the same behind.
for (const [how, times] of [["compiled", 20], ["plain", 6]] as const) {
  Deno.test(`networks that trained, ${how}, their optimizers and averages are collected with their weights`, async () => {
    const runs = await runAgain(times, how === "compiled");
    const [, variables, bytes] = runs[2]!;
    // The newest networks may remain: up to 2 MB each. 17 networks would be above 50 MB.
    for (const [alive, ...now] of runs.slice(2)) {
      assert(alive! <= 3, `${alive} networks are alive`);
      assert(now[0]! <= variables! + 12, `${now[0]} variables, ${variables} after three runs`);
      assert(now[1]! <= bytes! + 6e6, `${now[1]} bytes of tensors, ${bytes} after three runs`);
    }
    if (how === "plain") return;
    // The process grows to its usual size in the first runs. After these, 6 runs would leave more than
    // 21 MB of weights and moments, and as much in programs.
    const sizes = runs.map(([, , , rss]) => rss! / 1e6);
    const [before, after] = [Math.max(...sizes.slice(5, 10)), Math.min(...sizes.slice(-5))];
    assert(after < before + 15, `${before} MB after at most 10 runs, ${after} after ${times}`);
  });
}
