/** Traps of models whose weights live in compiled steps: everything else a model does still works. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { jit } from "../../lib/jit/mod.ts";
import { assertVariablesClose } from "./compare.ts";
import { float, makeTensor, SUMS } from "./rule.ts";
import { assertTensorsClose, valuesOf } from "./trees.ts";
import { meanSquares, type TrainingTwin, trainingTwin } from "./twins.ts";

function makeTwin(): TrainingTwin {
  const makeModel = () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [4], units: 30, activation: "tanh" }),
        tf.layers.dense({ units: 2 }),
      ],
    });
  return trainingTwin(makeModel, () => tf.train.adam(0.01), meanSquares);
}

function batch(seed: number): [tf.Tensor, tf.Tensor] {
  return [makeTensor(float([6, 4]), seed), makeTensor(float([6, 2]), seed + 50)];
}

type Between = (twin: TrainingTwin, call: number) => unknown;

/** Trains a jitted and an eager twin; after each step both do something else with their model. */
async function compareAround(between: Between): Promise<void> {
  const [eager, jitted] = [makeTwin(), makeTwin()];
  const step = jit(jitted.fn);
  for (let call = 0; call < 8; call++) {
    const args = batch(call);
    tf.dispose(tf.tidy(() => eager.fn(...args) as tf.Tensor));
    tf.dispose(step(...args) as tf.Tensor);
    tf.dispose(args);
    const [want, got] = [await between(eager, call), await between(jitted, call)];
    if (want instanceof tf.Tensor) {
      assertTensorsClose(got as tf.Tensor, want, SUMS, `call ${call}`);
      tf.dispose([want, got as tf.Tensor]);
    }
    assertVariablesClose(jitted, eager, SUMS, `call ${call}`);
  }
  step.dispose();
  eager.dispose?.();
  jitted.dispose?.();
}

Deno.test("jit() leaves a model that predicts, evaluates and sums up between steps", async () => {
  await compareAround(({ model }, call) => {
    const [x] = batch(call + 20);
    const answer = model.predict(x) as tf.Tensor;
    x.dispose();
    const lines: string[] = [];
    model.summary(undefined, undefined, (line) => lines.push(String(line)));
    assert(lines.length > 3);
    return answer;
  });
});

Deno.test("jit() leaves a model that fit() trains between steps", async () => {
  await compareAround(async ({ model }, call) => {
    if (call === 0) model.compile({ optimizer: tf.train.sgd(0.05), loss: "meanSquaredError" });
    const [x, y] = batch(call + 20);
    await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
    tf.dispose([x, y]);
  });
});

Deno.test("jit() leaves a model that is saved, and loaded back later, between steps", async () => {
  const saved = new WeakMap<TrainingTwin, tf.io.ModelArtifacts>();
  await compareAround(async (twin, call) => {
    const { model } = twin;
    if (call === 3) {
      await model.save(tf.io.withSaveHandler((artifacts) => {
        saved.set(twin, artifacts);
        return Promise.resolve({
          modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" },
        });
      }));
    }
    if (call !== 6) return;
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved.get(twin)!));
    model.setWeights(loaded.getWeights());
    loaded.dispose();
  });
});

Deno.test("jit() saved weights are those of the moment, and later steps do not change them", async () => {
  const twin = makeTwin();
  const step = jit(twin.fn);
  const args = batch(1);
  for (let call = 0; call < 4; call++) tf.dispose(step(...args) as tf.Tensor);
  const before = twin.model.getWeights().flatMap((weight) => [...valuesOf(weight)]);
  let data: ArrayBuffer | undefined;
  await twin.model.save(tf.io.withSaveHandler((artifacts) => {
    data = artifacts.weightData as ArrayBuffer;
    return Promise.resolve({
      modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" },
    });
  }));
  for (let call = 0; call < 4; call++) tf.dispose(step(...args) as tf.Tensor);
  assert.deepEqual([...new Float32Array(data!)], before);
  step.dispose();
  twin.dispose?.();
  tf.dispose(args);
});
