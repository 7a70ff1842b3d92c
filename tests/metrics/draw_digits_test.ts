/** Many digits are drawn in the requested number and with the requested labels, which are then removed. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { joinColumns, NoiseBatches, oneHot, Random, withoutLabels } from "../../lib/data/mod.ts";
import { drawDigits, drawFrom, type DrawFromInputs } from "../../lib/metrics/mod.ts";
import { Generator, linear, mnistGenerator } from "../../lib/nn/mod.ts";

const plain = () =>
  new Generator({
    model: tf.sequential({ layers: [linear(3, 784, { activation: "sigmoid" })] }),
  });
const conditional = (classes: number) =>
  new Generator({
    model: mnistGenerator({
      rng: new Random(1),
      conditional: true,
      classes,
      latentSize: 4,
      channels: 2,
    }),
  });

Deno.test("drawDigits() draws what the generator makes of the stream of noise, in slices of 100", async () => {
  const artist = plain();
  const images = await drawDigits(artist, { rng: new Random(7), count: 130 });
  const noise = new Random(7).fillNormal(new Float32Array(3 * 130));
  assert.deepEqual(images.slice(0, 784 * 100), artist.forward(noise.slice(0, 300)));
  assert.deepEqual(images.slice(784 * 100), artist.forward(noise.slice(300)));
});

Deno.test("drawDigits() requests labels, and removes them from the result", async () => {
  const artist = conditional(7);
  const asked = [6, 0, 3];
  const images = await drawDigits(artist, { rng: new Random(7), asked });
  const noise = new Random(7).fillNormal(new Float32Array(4 * 3));
  const inputs = joinColumns(noise, oneHot(asked, { classes: 7 }), { rows: 3 });
  assert.deepEqual(images, withoutLabels(artist.forward(inputs), { classes: 7 }));
  const batches = new NoiseBatches({
    batchSize: 3,
    latentSize: 4,
    classes: 7,
    labelled: true,
    rng: new Random(7),
  });
  assert.deepEqual(
    images,
    withoutLabels(artist.forward(batches.for(asked)), { classes: 7 }),
  );
});

Deno.test("drawDigits() stops between two slices", async () => {
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error("stopped"));
  const drawing = drawDigits(plain(), {
    rng: new Random(1),
    count: 100_000,
    signal: stop.signal,
    onProgress,
  });
  await assert.rejects(drawing, /stopped/);
});

Deno.test("drawDigits() refuses options that do not fit the generator, before it draws", async () => {
  const rng = new Random(1);
  const before = JSON.stringify(rng.state());
  const four = new Generator();
  const cases: [Promise<unknown>, RegExp][] = [
    [
      drawDigits(four, { rng, count: 1 }),
      /expected a generator of 784 pixels .* got one of 4 numb/,
    ],
    [drawDigits(plain(), { rng }), /expected count and nothing asked .* got neither$/],
    [drawDigits(plain(), { rng, asked: [1] }), /expected count and nothing asked .* the other$/],
    [drawDigits(conditional(7), { rng, count: 1 }), /expected asked and no count .* the other$/],
    [drawDigits(conditional(7), { rng, asked: [1], count: 1 }), /asked and no count .* both$/],
    [drawDigits(conditional(7), { rng, asked: [7] }), /labels from 0 to 6, got 7/],
    [drawDigits(conditional(7), { rng, asked: [] }), /expected labels, got none/],
  ];
  for (const [drawing, message] of cases) await assert.rejects(drawing, message);
  assert.equal(JSON.stringify(rng.state()), before);
});

Deno.test("drawFrom() draws from given noise, with labels if the generator takes them", () => {
  const noise = new Random(7).fillNormal(new Float32Array(12));
  const artist = conditional(7);
  const inputs = joinColumns(noise, oneHot([6, 0, 3], { classes: 7 }), { rows: 3 });
  const images = withoutLabels(artist.forward(inputs), { classes: 7 });
  assert.deepEqual(drawFrom(artist, { noise, asked: [6, 0, 3] }), images);
  const expected = plain();
  const drawn = expected.forward(noise);
  assert.deepEqual(drawFrom(expected, { noise }), drawn);
  assert.deepEqual(drawFrom(expected, { noise, asked: [6, 0, 3] }), drawn);
});

Deno.test("drawFrom() refuses noise and labels that do not fit the generator, before it draws", () => {
  const artist = conditional(7);
  const noise = new Float32Array(8);
  const cases: [Generator, DrawFromInputs, RegExp][] = [
    [new Generator(), { noise }, /expected a generator of 784 pixels/],
    [artist, { noise }, /expected asked to be an array .* got undefined/],
    [artist, { noise, asked: [7, 0] }, /labels from 0 to 6, got 7/],
    [artist, { noise, asked: [1] }, /labels and 4 numbers of noise for each, got 1 labels and 8/],
    [artist, { noise: new Float32Array(0), asked: [] }, /got 0 labels and 0 numbers/],
    [plain(), { noise: Float32Array.of(1, 2) }, /got 2/],
  ];
  for (const [generator, inputs, message] of cases) {
    const { counter } = generator;
    assert.throws(() => drawFrom(generator, inputs), message);
    assert.equal(generator.counter, counter);
  }
});
