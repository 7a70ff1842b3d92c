/** Batches of digits and noise: the content of rows, resuming, and refusals. */
import assert from "node:assert/strict";
import {
  DigitBatches,
  joinColumns,
  type MnistSet,
  NoiseBatches,
  oneHot,
  Random,
  withoutLabels,
} from "../../lib/data/mod.ts";

/** Makes digits all of whose pixels identify them. */
function digits(count: number): MnistSet {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const images = new Uint8Array(count * 784);
  labels.forEach((_, i) => images.fill(i, i * 784, (i + 1) * 784));
  return { count, images, labels };
}

Deno.test("DigitBatches gives every digit once an epoch, with its own label", () => {
  const batches = new DigitBatches(digits(40), { batchSize: 8, labelled: true });
  assert.equal(batches.perEpoch, 5);
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    const rows = batches.next();
    assert.equal(rows.length, 8 * 794);
    for (let row = 0; row < 8; row++) {
      const number = Math.round(rows[row * 794]! * 255);
      const label = rows.slice(row * 794 + 784, (row + 1) * 794);
      assert.deepEqual(label, oneHot([number % 10]));
      seen.push(number);
    }
  }
  assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: 40 }, (_, i) => i));
});

Deno.test("DigitBatches without labels are pixels in [0, 1]", () => {
  const rows = new DigitBatches(digits(40), { batchSize: 8 }).next();
  assert.equal(rows.length, 8 * 784);
  assert(rows.every((pixel) => pixel >= 0 && pixel <= 1));
});

Deno.test("DigitBatches and NoiseBatches continue from a state that went through JSON", () => {
  const kinds = [
    () => new DigitBatches(digits(40), { batchSize: 8, rng: new Random(1), labelled: true }),
    () => new NoiseBatches({ batchSize: 3, latentSize: 4, rng: new Random(1), labelled: true }),
  ];
  for (const make of kinds) {
    const [first, second] = [make(), make()];
    for (let i = 0; i < 7; i++) first.next();
    second.restore(JSON.parse(JSON.stringify(first.state())));
    for (let i = 0; i < 7; i++) assert.deepEqual(second.next(), first.next());
  }
});

Deno.test("NoiseBatches are standard normal, with each digit about as often as the others", () => {
  const noise = new NoiseBatches({
    batchSize: 5000,
    latentSize: 2,
    rng: new Random(1),
    labelled: true,
  });
  const rows = noise.next();
  const counts = new Array<number>(10).fill(0);
  let [sum, squares] = [0, 0];
  for (let row = 0; row < 5000; row++) {
    const [a, b, ...label] = rows.slice(row * 12, (row + 1) * 12);
    sum += a! + b!;
    squares += a! ** 2 + b! ** 2;
    assert.equal(label.reduce((total, value) => total + value), 1);
    counts[label.indexOf(1)]!++;
  }
  assert(Math.abs(sum / 10_000) < 0.05 && Math.abs(squares / 10_000 - 1) < 0.05);
  assert(counts.every((count) => count > 400 && count < 600), `${counts}`);
});

Deno.test("NoiseBatches.for() asks for digits", () => {
  const noise = new NoiseBatches({ batchSize: 1, latentSize: 2, labelled: true });
  const rows = noise.for([7, 3]);
  assert.equal(rows.length, 24);
  assert.deepEqual([...rows.slice(2, 12), ...rows.slice(14)], [...oneHot([7, 3])]);
  assert.throws(() => noise.for([10]), {
    name: "RangeError",
    message: /labels from 0 to 9, got 10/,
  });
});

Deno.test("NoiseBatches.forEveryLabel() repeats the same noise for every label", () => {
  const options = { batchSize: 1, latentSize: 2, classes: 3, labelled: true, rng: new Random(1) };
  const rows = new NoiseBatches(options).forEveryLabel(2);
  const [first, second] = [rows.slice(0, 2), rows.slice(5, 7)];
  assert.notDeepEqual(first, second);
  for (let row = 0; row < 6; row++) {
    const label = oneHot([Math.floor(row / 2)], { classes: 3 });
    assert.deepEqual(rows.slice(5 * row, 5 * row + 2), row % 2 === 0 ? first : second);
    assert.deepEqual(rows.slice(5 * row + 2, 5 * row + 5), label);
  }
  assert.deepEqual(first, new NoiseBatches(options).for([0]).slice(0, 2));
  assert.throws(() => new NoiseBatches(options).forEveryLabel(2 ** 28), {
    name: "RangeError",
    message: /^Cannot make noise: expected how many numbers to be a whole number/,
  });
});

Deno.test("NoiseBatches has its own stream and does not draw from the given random generator", () => {
  const rng = new Random(1);
  const before = JSON.stringify(rng.state());
  new NoiseBatches({ batchSize: 2, latentSize: 2, rng }).next();
  assert.equal(JSON.stringify(rng.state()), before);
});

Deno.test("joinColumns() joins rows, and withoutLabels() separates them", () => {
  const images = Float32Array.from({ length: 2 * 784 }, (_, i) => i / 2000);
  const joined = joinColumns(images, oneHot([4, 9]), { rows: 2 });
  assert.equal(joined[784 + 4], 1);
  assert.deepEqual(withoutLabels(joined), images);
});

Deno.test("bad sizes are refused by name", () => {
  const cases: [() => unknown, RegExp][] = [
    [() => new DigitBatches(digits(4), { batchSize: 5 }), /batch size of at most 4/],
    [() => new NoiseBatches({ batchSize: 0, latentSize: 2 }), /batchSize .* from 1 on, got 0/],
    [() => new NoiseBatches({ batchSize: 1, latentSize: 1.5 }), /latentSize .* got 1.5/],
    [() => joinColumns([1, 2, 3], [1, 2], { rows: 2 }), /expected 2 whole rows, got 3 numbers/],
    [() => joinColumns([], [], { rows: 0 }), /rows to be a whole number from 1 on, got 0/],
    [() => withoutLabels(new Float32Array(784)), /expected rows of 794 numbers, got 784/],
  ];
  for (const [make, message] of cases) assert.throws(make, { name: "RangeError", message });
});

Deno.test("NoiseBatches has columns of labels only where it is told so, and needs a label then", () => {
  const options = { latentSize: 3, batchSize: 5, rng: new Random(1) };
  assert.equal(new NoiseBatches(options).next().length, 15);
  assert.equal(new NoiseBatches({ ...options, labelled: true }).next().length, 5 * (3 + 10));
  assert.throws(
    () => new NoiseBatches({ ...options, labels: [] }),
    /^RangeError: Cannot make noise: expected labels, got none/,
  );
});
