/** Several generators are judged with the same noise, each as if it were judged alone. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { Classifier, compareGenerators, drawDigits, Judge } from "../../lib/metrics/mod.ts";
import { Generator, linear, mnistGenerator } from "../../lib/nn/mod.ts";
import { smallMnist } from "./small_mnist.ts";

const mnist = await smallMnist(60, 60);
const judge = new Judge(new Classifier({ rng: new Random(1) }), mnist);
const artist = (seed: number) => {
  const layer = linear(2, 784, { activation: "sigmoid", rng: new Random(seed) });
  return new Generator({ model: tf.sequential({ layers: [layer] }) });
};

Deno.test("compareGenerators() gives each generator the same noise, and a row", async () => {
  const generators = { first: artist(1), second: artist(2), again: artist(1) };
  const rng = new Random(5);
  const rows = await compareGenerators(judge, generators, { count: 40, rng });
  assert.deepEqual(rows.map(({ digits }) => digits), ["first", "second", "again", "real digits"]);
  const images = await drawDigits(generators.first, { count: 40, rng: new Random(5) });
  const { frechet, coverage } = await judge.measure(images);
  assert.deepEqual(rows[0], {
    digits: "first",
    "Fréchet distance ↓": frechet.generated,
    "precision ↑": coverage.generated.precision,
    "recall ↑": coverage.generated.recall,
  });
  assert.deepEqual({ ...rows[2], digits: "first" }, rows[0]);
  assert.notDeepEqual({ ...rows[1], digits: "first" }, rows[0]);
  assert.deepEqual(rows[3], {
    digits: "real digits",
    "Fréchet distance ↓": frechet.real,
    "precision ↑": coverage.real.precision,
    "recall ↑": coverage.real.recall,
  });
  assert.deepEqual(await compareGenerators(judge, {}, { count: 40, rng }), []);
});

Deno.test("compareGenerators() asks for labels where a generator takes them", async () => {
  const model = mnistGenerator({ conditional: true, channels: 1, latentSize: 2, classes: 3 });
  const generators = { plain: artist(1), asked: new Generator({ model }) };
  const asked = Array.from({ length: 40 }, (_, i) => i % 3);
  const rows = await compareGenerators(judge, generators, { asked, rng: new Random(5) });
  const frechets = rows.map((row) => row["Fréchet distance ↓"]);
  const drawings = [
    await drawDigits(generators.plain, { count: 40, rng: new Random(5) }),
    await drawDigits(generators.asked, { asked, rng: new Random(5) }),
  ];
  for (const [i, images] of drawings.entries()) {
    assert.equal(frechets[i], (await judge.measure(images)).frechet.generated);
  }
  const few = { count: 40, asked: [1, 2], rng: new Random(5) };
  await assert.rejects(compareGenerators(judge, generators, few), /expected 40 labels, got 2/);
  const neither = { rng: new Random(5) };
  await assert.rejects(
    compareGenerators(judge, generators, neither),
    /count or asked, got neither/,
  );
});

Deno.test("compareGenerators() refuses other networks, and more digits than test images", async () => {
  const rng = new Random(1);
  const four = { four: new Generator() };
  await assert.rejects(compareGenerators(judge, four, { count: 9, rng }), /of 784 pixels/);
  await assert.rejects(
    compareGenerators(judge, { one: artist(1) }, { count: 61, rng }),
    /expected from 4 to 60 images, got 61/,
  );
});
