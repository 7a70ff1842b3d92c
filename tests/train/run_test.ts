/** Training runs are counted, saved, stopped, continued, and protected from non-finite numbers. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import {
  Discriminator,
  Generator,
  mnistDiscriminator,
  mnistGenerator,
  MovingAverage,
  r1,
} from "../../lib/nn/mod.ts";
import { SampleTimeline, TrainingRun, type TrainingRunOptions } from "../../lib/train/mod.ts";
import { weightsOf } from "../nn/game.ts";
import { entries, withFolder } from "./folders.ts";

/** Makes the script's networks in plain TensorFlow.js, which always resumes bit-equal. */
function newRun(folder: string, options: Partial<TrainingRunOptions> = {}) {
  const rng = new Random(1);
  const D = new Discriminator({ rng: rng.split("D"), compile: false });
  const G = new Generator({ rng: rng.split("G"), compile: false });
  const noise = rng.split("noise");
  const run = new TrainingRun({ networks: { D, G }, states: { noise } }, { folder, ...options });
  const step = () => G.train(D, [noise.uniform()], [1]);
  const everything = () => JSON.stringify([weightsOf(D), weightsOf(G), noise.state(), G.progress]);
  return { D, G, run, step, everything };
}

Deno.test("TrainingRun.steps() counts on over loops, and is saved at begin, on the way and at the end", () =>
  withFolder(async (folder) => {
    const { run, step } = newRun(folder, { saveEvery: 4, keep: 9 });
    const seen: number[] = [];
    for (const total of [6, 6, 10]) {
      for await (const i of run.steps(total)) {
        step();
        seen.push(i);
      }
      assert.equal(run.step, total);
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const saved = await Promise.all(
      (await entries(folder)).map(async (name) =>
        JSON.parse(await Deno.readTextFile(`${folder}/${name}/checkpoint.json`)).step
      ),
    );
    assert.deepEqual(saved, [0, 4, 6, 8, 10]);
  }));

Deno.test("TrainingRun.steps() saves when a signal stops it, and can be continued", () =>
  withFolder(async (folder) => {
    const first = newRun(folder);
    const { run, step, everything } = first;
    const controller = new AbortController();
    const options = { signal: controller.signal, sliceMs: 0 };
    const interrupted = async () => {
      for await (const i of run.steps(100, options)) {
        step();
        if (i === 6) controller.abort(new Error("enough"));
      }
    };
    await assert.rejects(interrupted, /enough/);
    assert.equal(run.step, 7);

    const other = newRun(folder); // in another process, say
    assert.equal(await other.run.resume(), 7);
    assert.equal(other.everything(), everything());
    for (const { run, step } of [first, other]) {
      for await (const _ of run.steps(20)) step();
    }
    const alone = newRun("unused");
    for (let i = 0; i < 20; i++) alone.step();
    assert.equal(everything(), alone.everything());
    assert.equal(other.everything(), alone.everything());
  }));

/** Makes the run of notebook 04, with few channels. */
function newDigitsRun(folder: string) {
  const rng = new Random(1), network = { rng, conditional: true, channels: 2 };
  const optimizer = () => tf.train.adam(1e-3, 0.5, 0.99);
  const D = new Discriminator({
    model: mnistDiscriminator(network),
    loss: "non-saturating",
    penalty: r1({ every: 3, inputs: 784 }),
    optimizer: optimizer(),
  });
  const model = mnistGenerator({ ...network, latentSize: 6 });
  const G = new Generator({ model, optimizer: optimizer(), keepOutputs: false });
  const average = new MovingAverage(model, { warmUp: 2 });
  const noise = rng.split("noise");
  const run = new TrainingRun({
    networks: { D, G },
    averages: { G: average },
    states: { noise },
  }, { folder });
  const batch = (width: number) => Float32Array.from({ length: 4 * width }, () => noise.uniform());
  const step = () => {
    D.train(batch(794), [1, 1, 1, 1]);
    D.train(G.forward(batch(16)), [0, 0, 0, 0]);
    G.train(D, batch(16), [1, 1, 1, 1]);
    average.update();
  };
  const everything = () => JSON.stringify([D, G, average].map(weightsOf));
  return { run, step, everything };
}

Deno.test("a compiled run with R1, two optimizers and an average goes on bit-equal at any step", () =>
  withFolder(async (folder) => {
    const alone = newDigitsRun(`${folder}/alone`);
    for await (const _ of alone.run.steps(8)) alone.step();
    let everything = "";
    for (const total of [2, 3, 6, 8]) { // each time as in a new process
      const { run, step, ...part } = newDigitsRun(`${folder}/parts`);
      await run.resume();
      for await (const _ of run.steps(total)) step();
      everything = part.everything();
    }
    assert.equal(everything, alone.everything());
  }));

Deno.test("TrainingRun restores the last good state when numbers are no longer finite", () =>
  withFolder(async (folder) => {
    const lines: string[] = [];
    const { G, run, step, everything } = newRun(folder, {
      saveEvery: 5,
      warn: (l) => lines.push(l),
    });
    let good = "";
    const diverging = async () => {
      for await (const i of run.steps(20)) {
        step();
        if (i === 4) good = everything();
        if (i === 7) {
          tf.tidy(() => G.model.setWeights(G.model.getWeights().map((weight) => weight.mul(NaN))));
        }
      }
    };
    await assert.rejects(diverging, {
      name: "RangeError",
      message: /finite loss, got NaN at step 9/,
    });
    assert.equal(run.step, 5);
    assert.equal(everything(), good);
    assert.deepEqual(lines, [
      "Step 9 was interrupted; the run is back at its last checkpoint, step 5",
    ]);
    for await (const _ of run.steps(20)) step();
    assert.equal(run.step, 20);
  }));

Deno.test("an error in the loop does not change the networks", () =>
  withFolder(async (folder) => {
    const { run, step, everything } = newRun(folder);
    let before = "";
    const mistaken = async () => {
      for await (const i of run.steps(20)) {
        if (i === 3) throw new TypeError("a typo");
        step();
        before = everything();
      }
    };
    await assert.rejects(mistaken, /a typo/);
    assert.equal(run.step, 3);
    assert.equal(everything(), before);
  }));

Deno.test("TrainingRun.resume() without a checkpoint begins at 0", () =>
  withFolder(async (folder) => {
    assert.equal(await newRun(`${folder}/none`).run.resume(), 0);
    assert.throws(() => newRun(folder, { saveEvery: 0 }), {
      name: "RangeError",
      message: /saveEvery to be a whole number from 1 on, got 0/,
    });
  }));

Deno.test("SampleTimeline is due at its first and last step, and closer together at the start", () => {
  const timeline = new SampleTimeline(900, { frames: 4 });
  const due = Array.from({ length: 1000 }, (_, step) => step).filter((step) =>
    timeline.isDue(step)
  );
  assert.deepEqual(due, [0, 100, 400, 900]);
  timeline.add(0, [0, 1]);
  assert(!timeline.isDue(0));
});

Deno.test("SampleTimeline keeps images to 1/255, through JSON too", () => {
  const timeline = new SampleTimeline(10);
  timeline.add(0, [0, 0.5, 1]);
  timeline.add(3, [0.2, 0.4, 0.6]);
  const other = new SampleTimeline(10);
  other.add(7, [1]);
  other.restore(JSON.parse(JSON.stringify(timeline.state())));
  assert.deepEqual(other.grids, timeline.grids);
  assert.deepEqual(timeline.grids.map(({ step }) => step), [0, 3]);
  assert(Math.abs(timeline.grids[0]!.images[1]! - 0.5) < 1 / 255);
});

Deno.test("SampleTimeline refuses wrong samples, and does not change", () => {
  const timeline = new SampleTimeline(10);
  timeline.add(2, [0]);
  const wrong: [() => void, string, RegExp][] = [
    [() => timeline.add(2, [0]), "RangeError", /expected step to be .* from 3 on, got 2/],
    [() => timeline.add(3, []), "RangeError", /expected images to be .* not empty/],
    [() => timeline.add(3, null as never), "TypeError", /expected images to be .* got null/],
    [() => timeline.isDue("3" as never), "TypeError", /expected step to be/],
    [() => timeline.add(3, [1.5]), "RangeError", /pixels in \[0, 1\], got 1.5 at position 0/],
    [() => timeline.add(3, [NaN]), "RangeError", /got NaN/],
    [
      () => timeline.restore({} as never),
      "TypeError",
      /expected state to be a list of grids, .* got an object/,
    ],
    [() => timeline.restore({ grids: [[1, "?"]] }), "TypeError", /state to be a list of grids/],
    [() => timeline.restore({ grids: [[3, ""], [1, ""]] }), "TypeError", /state to be a list of/],
    [() => new SampleTimeline(0), "RangeError", /total .* from 1 on, got 0/],
    [() => new SampleTimeline(5, { frames: 1 }), "RangeError", /frames .* from 2 to 1000, got 1/],
    [() => new SampleTimeline(5, { frame: 3 } as never), "TypeError", /did you mean frames/],
  ];
  for (const [act, name, message] of wrong) assert.throws(act, { name, message });
  assert.deepEqual(timeline.grids.map(({ step }) => step), [2]);
});

Deno.test("SampleTimeline has twelve frames unless it is told otherwise", () => {
  const timeline = new SampleTimeline(1_000_000);
  const due = Array.from({ length: 1001 }, (_, k) => k).filter((k) =>
    timeline.isDue(Math.round((k / 11) ** 2 * 1_000_000))
  );
  assert.deepEqual(due, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});
