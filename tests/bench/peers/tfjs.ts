/** Peer in eager TensorFlow.js (cpu backend): the same steps without compilation. */

import * as tf from "@tensorflow/tfjs";
import { generate1010 } from "../../../lib/data/mod.ts";
import {
  checkValues,
  dataRows,
  latentSize,
  reader,
  type WorkloadName,
  workloads,
} from "../workloads.ts";
import { imageShape, imageSteps, patternSteps, setWeights } from "./gan_steps.ts";
import { type Open, serve, type Session, workloadOf } from "./serve.ts";

const number = (loss: tf.Scalar) => loss.dataSync()[0]!;

function openPattern(): Session {
  const gan = patternSteps(), counter = { d: 0, g: 0 };
  const progress: { d: number[]; g: number[] } = { d: [], g: [] };
  const record = (which: "d" | "g", loss: tf.Scalar) => {
    if (++counter[which] % 10 === 0) progress[which].push(number(loss));
    return loss;
  };
  const iterate = (real: tf.Tensor) => {
    const target = (value: number) => tf.tensor2d([[value]]), input = tf.tensor2d([[0.5]]);
    return [
      record("d", gan.trainD(real, target(1))),
      record("d", gan.trainD(gan.fake(input), target(0))),
      record("g", gan.trainG(input, target(1))),
    ];
  };
  return {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) {
        tf.tidy(() => void iterate(tf.tensor2d(generate1010(), [1, 4])));
      }
    },
    setParameters: (values) => setWeights(gan, values),
    losses: ([real]) => tf.tidy(() => iterate(tf.tensor2d(real!, [1, 4])).map(number)),
  };
}

function openImages(name: "w2" | "w3", batch: number): Session {
  const gan = imageSteps(name), shape = imageShape(name, batch);
  const data = tf.randomUniform([dataRows, ...shape.slice(1)]);
  const ones = tf.ones([batch, 1]), zeros = tf.zeros([batch, 1]);
  let row = 0;
  const nextBatch = () => {
    row = (row + batch) % dataRows;
    return data.slice([row], [batch]);
  };
  const draw = () => tf.randomNormal([batch, latentSize]);
  const iterate = (real: tf.Tensor, noiseD = draw, noiseG = draw) => [
    number(gan.trainD(real, ones)),
    number(gan.trainD(gan.fake(noiseD()), zeros)),
    number(gan.trainG(noiseG(), ones)),
  ];
  const noise = (values: Float32Array) => () => tf.tensor2d(values, [batch, latentSize]);
  return {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) tf.tidy(() => void iterate(nextBatch()));
    },
    setParameters: (values) => setWeights(gan, values),
    losses: ([real, noiseD, noiseG]) =>
      tf.tidy(() => iterate(tf.tensor(real!, shape), noise(noiseD!), noise(noiseG!))),
  };
}

/** Opens a workload with weights in PyTorch's initial distribution. */
export const openEager: Open = (name: WorkloadName, batch) => {
  if (name === "w4") throw new RangeError("Cannot open w4: an iteration would take minutes");
  const session = name === "w1" ? openPattern() : openImages(name, batch);
  session.setParameters(workloads[name].parameters.map(reader(checkValues(name))));
  return session;
};

if (import.meta.main) {
  await tf.setBackend("cpu");
  await serve(`TensorFlow.js ${tf.version.tfjs}`, workloadOf(openEager));
}
