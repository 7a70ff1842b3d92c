/** Labels beyond 9: a classifier learns them, and a judge counts them. */
import assert from "node:assert/strict";
import {
  labelsOf,
  type Mnist,
  MNIST_PIXELS,
  MNIST_SIDE,
  type MnistSet,
  pixelsOf,
  Random,
} from "../../lib/data/mod.ts";
import { Classifier, Judge } from "../../lib/metrics/mod.ts";

/** Number of classes of EMNIST's letters, where the label 0 is not used. */
const CLASSES = 27;

/** Makes images with a bright tile whose place is the label, and a little noise. */
function tiles(count: number, seed: number): MnistSet {
  const rng = new Random(seed);
  const images = Uint8Array.from({ length: count * MNIST_PIXELS }, () => rng.below(60));
  const labels = Uint8Array.from({ length: count }, (_, i) => 1 + i % (CLASSES - 1));
  labels.forEach((label, image) => {
    const [top, left] = [4 * Math.floor(label / 7) + 2, 4 * (label % 7)];
    for (let i = 0; i < 16; i++) {
      images[image * MNIST_PIXELS + (top + (i >> 2)) * MNIST_SIDE + left + (i & 3)] = 255;
    }
  });
  return { count, images, labels, classes: CLASSES };
}

const positions = Array.from({ length: 52 }, (_, i) => i);
const letters: Mnist = { train: tiles(52, 1), test: tiles(52, 2), classes: CLASSES };

function learntClassifier(): Classifier {
  const { train } = letters;
  const classifier = new Classifier({ classes: CLASSES });
  const [pixels, labels] = [pixelsOf(train, positions), labelsOf(train, positions)];
  for (let step = 0; step < 40; step++) classifier.train(pixels, labels, { learningRate: 3e-3 });
  return classifier;
}

Deno.test("a classifier and a judge know labels beyond 9", async () => {
  const classifier = learntClassifier();
  const pixels = pixelsOf(letters.test, positions);
  const { labels } = await classifier.read(pixels);
  assert.deepEqual(labels, letters.test.labels);

  const judge = new Judge(classifier, letters, { coverageSamples: 20, k: 2 });
  const asked = labels.map((label) => label === 26 ? 25 : label); // Y was requested, Z was drawn
  const { accuracy, modes } = await judge.measure(pixels, { asked });
  assert.equal(modes.generated.length, CLASSES);
  assert.equal(modes.generated[0], 0);
  assert(Math.abs(modes.generated[26]! - 1 / 26) < 1e-9);
  assert.equal(accuracy!.overall, 50 / 52);
  assert.deepEqual([accuracy!.ofLabel[0], accuracy!.ofLabel[25], accuracy!.ofLabel[26]], [
    undefined,
    0.5,
    undefined,
  ]);
  assert.equal(accuracy!.confusion[25]![26], 2);
  await assert.rejects(() => judge.measure(pixels, { asked: asked.fill(27) }), {
    message: "Cannot judge images: expected labels from 0 to 26, got 27 at position 0",
  });
});

Deno.test("a classifier refuses labels that it does not know, and a judge a classifier of other labels", () => {
  const classifier = new Classifier();
  const pixels = pixelsOf(letters.train, [10]);
  const before = classifier.model.getWeights().map((weight) => weight.dataSync());
  assert.throws(() => classifier.train(pixels, [11]), {
    name: "RangeError",
    message: "Cannot train the classifier: expected labels from 0 to 9, got 11 at position 0",
  });
  assert.deepEqual(classifier.model.getWeights().map((weight) => weight.dataSync()), before);
  assert.throws(() => new Judge(classifier, letters), {
    name: "RangeError",
    message: "Cannot make a judge: expected a classifier of 27 labels, as many as the data have, " +
      "got one of 10",
  });
});
