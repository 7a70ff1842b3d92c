/** Draws of digits are measured one by one, and digits are asked for in the shares of the test images. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Random } from "../../../lib/data/mod.ts";
import { Classifier, drawDigits, Inspector, Judge } from "../../../lib/metrics/mod.ts";
import { Generator, linear, mnistGenerator } from "../../../lib/nn/mod.ts";
import { smallMnist } from "../../metrics/small_mnist.ts";
import { measureGenerator, measureReal } from "./draws.ts";

const mnist = await smallMnist(200, 60);
const classifier = new Classifier({ rng: new Random(1) });
const second = new Classifier({ rng: new Random(2), network: "pooled" });
const options = { classifier, second, mnist, draws: 3, count: 40, seed: 1 };
const layer = linear(2, 784, { activation: "sigmoid", rng: new Random(1) });
const plain = new Generator({ model: tf.sequential({ layers: [layer] }) });

Deno.test("measureGenerator() measures different draws, each as the judge and the inspector do", async () => {
  const draws = await measureGenerator(plain, options);
  assert.equal(draws.length, 3);
  assert.equal(new Set(draws.map(({ frechet }) => frechet)).size, 3);
  assert.deepEqual(await measureGenerator(plain, options), draws);
  const images = await drawDigits(plain, { count: 40, rng: new Random(1).split("draw 2") });
  const { frechet, modes, coverage } = await new Judge(classifier, mnist).measure(images);
  const { generated } = await new Inspector(classifier, mnist).inspect(images);
  const { sure } = (await new Inspector(second, mnist).inspect(images)).generated;
  assert.deepEqual(draws[2], {
    named: undefined,
    modes: modes.distance.generated,
    rarest: Math.min(...modes.generated),
    frechet: frechet.generated,
    ...coverage.generated,
    ...generated,
    namedBySecond: undefined,
    sureBySecond: sure,
  });
});

Deno.test("measureGenerator() asks for the digits of the test images, and measures no modes", async () => {
  const model = mnistGenerator({ rng: new Random(1), conditional: true, channels: 2 });
  const artist = new Generator({ model });
  const asked: number[] = [];
  const { forward } = artist;
  artist.forward = (inputs) => {
    const numbers = [...inputs as Float32Array];
    for (let row = 16; row < numbers.length; row += 26) {
      asked.push(numbers.slice(row, row + 10).indexOf(1));
    }
    return forward.call(artist, inputs);
  };
  const [figures, ...others] = await measureGenerator(artist, { ...options, draws: 1 });
  assert.equal(others.length, 0);
  assert.deepEqual(asked, [...mnist.test.labels.slice(0, 40)]);
  assert.deepEqual([figures!.modes, figures!.rarest], [undefined, undefined]);
  assert.ok(figures!.named! >= 0 && figures!.named! <= 1);
  const rng = new Random(1).split("draw 0");
  const { labels } = await second.read(await drawDigits(new Generator({ model }), { asked, rng }));
  const same = labels.filter((label, i) => label === asked[i]);
  assert.equal(figures!.namedBySecond, same.length / 40);
});

Deno.test("measureReal() measures different real digits, with all figures", async () => {
  const { real, noise } = await measureReal(options);
  assert.equal(new Set(real.map(({ frechet }) => frechet)).size, 3);
  assert.equal(new Set(real.map(({ fineEnergy }) => fineEnergy)).size, 3);
  for (const figures of real) {
    for (const [name, value] of Object.entries(figures)) assert.ok(Number.isFinite(value), name);
    assert.ok(figures.nearest > 1, "no copies");
    assert.ok(figures.frechet < noise);
  }
});

Deno.test("measureGenerator() asks for groups in their shares, and measures modes then", async () => {
  const model = mnistGenerator({ conditional: true, channels: 2, classes: 3, rng: new Random(1) });
  const artist = new Generator({ model });
  const groups = Uint8Array.from({ length: 50 }, (_, i) => i % 7 % 3);
  const [figures] = await measureGenerator(artist, { ...options, draws: 1, groups });
  const rng = new Random(1).split("draw 0");
  const images = await drawDigits(artist, { asked: groups.slice(0, 40), rng });
  const { modes } = await new Judge(classifier, mnist).measure(images);
  assert.deepEqual([figures!.named, figures!.modes], [undefined, modes.distance.generated]);
});
