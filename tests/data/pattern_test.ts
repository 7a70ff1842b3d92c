/** The 1-0-1-0 pattern and the noise. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { generate1010, generateRandom, PATTERN_1010, Random } from "../../lib/data/mod.ts";

Deno.test("generate1010() gives four numbers, each in its range and spread over it", () => {
  const rng = new Random(1);
  const samples = Array.from({ length: 2000 }, () => generate1010(rng));
  PATTERN_1010.forEach(([low, high], position) => {
    const values = samples.map((sample) => sample[position]!).sort((a, b) => a - b);
    const width = high - low;
    assert(values[0]! >= Math.fround(low) && values.at(-1)! <= Math.fround(high));
    assert(values[0]! < low + width / 100 && values.at(-1)! > high - width / 100);
    assert(Math.abs(values[1000]! - (low + width / 2)) < width / 20);
  });
  assert(samples.every((sample) => sample.length === 4));
});

Deno.test("generate1010() is high, low, high, low", () => {
  assert.deepEqual(PATTERN_1010, [[0.9, 1.1], [0, 0.1], [0.9, 1.1], [0, 0.1]]);
});

Deno.test("generateRandom() gives as many numbers in [0, 1) as asked", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), (size) => {
    const noise = generateRandom(size, new Random(size));
    assert.equal(noise.length, size);
    assert(noise.every((value) => value >= 0 && value < 1));
  }));
});

Deno.test("generate1010() and generateRandom() repeat with the seed", () => {
  assert.deepEqual(generate1010(new Random(9)), generate1010(new Random(9)));
  assert.deepEqual(generateRandom(4, new Random(9)), generateRandom(4, new Random(9)));
});

Deno.test("generate1010() and generateRandom() work without a random generator", () => {
  assert.equal(generate1010().length, 4);
  assert.notDeepEqual(generateRandom(4), generateRandom(4));
});

Deno.test("generateRandom() refuses wrong sizes", () => {
  for (const size of [0, -4, 1.5, NaN, 2 ** 31]) {
    assert.throws(() => generateRandom(size), {
      name: "RangeError",
      message: "Cannot generate noise: expected size to be a whole number from 1 to 2147483647, " +
        `got ${size}`,
    });
  }
});
