/** Parity with PyTorch: 500 recorded iterations of the script, replayed through the public classes. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import golden from "../fixtures/pytorch_1010_500.json" with { type: "json" };
import { Discriminator, Generator, type Network } from "../../lib/nn/mod.ts";

type RecordedWeights = Readonly<Record<"kernel0" | "bias0" | "kernel1" | "bias1", unknown>>;

const TOLERANCE = 1e-5;

function recordedWeights({ kernel0, bias0, kernel1, bias1 }: RecordedWeights): tf.Tensor[] {
  return [kernel0, bias0, kernel1, bias1].map((values) => tf.tensor(values as number[]));
}

function setWeights({ model }: Network, recorded: RecordedWeights): void {
  const weights = recordedWeights(recorded);
  model.setWeights(weights);
  tf.dispose(weights);
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: how many`);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    assert(difference <= TOLERANCE, `${what}[${i}]: got ${actual[i]}, expected ${expected[i]}`);
  }
}

function assertWeights({ model }: Network, recorded: RecordedWeights, what: string): void {
  const weights = recordedWeights(recorded);
  model.getWeights().forEach((weight, i) =>
    assertClose(weight.dataSync(), weights[i]!.dataSync(), `${what} weights ${i}`)
  );
  tf.dispose(weights);
}

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "in plain TensorFlow.js";
  Deno.test(`500 iterations ${how} equal the recorded PyTorch run within 1e-5`, () => {
    const D = new Discriminator({ compile });
    const G = new Generator({ compile });
    setWeights(D, golden.initial.discriminator);
    setWeights(G, golden.initial.generator);
    const losses = { discriminator: [] as number[], generator: [] as number[] };

    for (const sample of golden.samples) {
      losses.discriminator.push(D.train(sample, [1]));
      losses.discriminator.push(D.train(G.forward([0.5]), [0]));
      losses.generator.push(G.train(D, [0.5], [1]));
    }

    assertClose(losses.discriminator.slice(0, 200), golden.discriminatorLosses, "D's losses");
    assertClose(losses.generator.slice(0, 200), golden.generatorLosses, "G's losses");
    assertClose(D.progress, golden.discriminatorProgress, "D.progress");
    assertClose(G.progress, golden.generatorProgress, "G.progress");
    assertWeights(D, golden.final.discriminator, "D's final");
    assertWeights(G, golden.final.generator, "G's final");
    assertClose(G.forward([0.5]), golden.output, "G's output");
  });
}
