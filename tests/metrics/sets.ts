/** Makes sets of samples whose distances are known or can be derived. */
import { loadMnist, MNIST_SIDE, pixelsOf, type Random } from "../../lib/data/mod.ts";
import type { Features } from "../../lib/metrics/mod.ts";

/** Makes `count` rows of normal numbers. */
export function normalRows(count: number, width: number, rng: Random): Features {
  return { width, values: Float64Array.from({ length: count * width }, () => rng.normal()) };
}

/** Applies a function to every feature. */
export function mapped(
  { values, width }: Features,
  change: (value: number, column: number, row: number) => number,
): Features {
  const numbers = Float64Array.from(
    values,
    (value, i) => change(value, i % width, Math.floor(i / width)),
  );
  return { width, values: numbers };
}

/** Selects rows of a set, in the given order. */
export function rowsOf({ values, width }: Features, rows: readonly number[]): Features {
  const picked = rows.map((row) => values.subarray(row * width, (row + 1) * width));
  return { width, values: Float64Array.from(picked.flatMap((row) => [...row])) };
}

/**
 * Makes two sets that were also given to NumPy and SciPy: 300 and 200 correlated rows of 20
 * numbers, made of x = sin(0.01 i²) and y = sin(0.0123 i²), summed from the right and from the
 * left.
 */
export function referenceSets(): readonly [Features, Features] {
  const width = 20;
  const waves = (count: number, a: number) =>
    Array.from({ length: count * width }, (_, i) => Math.sin(i * i * a));
  const rows = (values: readonly number[]) =>
    Array.from(
      { length: values.length / width },
      (_, i) => values.slice(i * width, (i + 1) * width),
    );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const x = rows(waves(300, 0.01)).flatMap((row) => row.map((_, j) => 0.2 * sum(row.slice(j))));
  const y = rows(waves(200, 0.0123)).flatMap((row) =>
    row.map((_, j) => 0.3 * sum(row.slice(0, j + 1)) + 0.2)
  );
  return [{ width, values: Float64Array.from(x) }, { width, values: Float64Array.from(y) }];
}

/** Makes samples around each of `modes` points on a circle of radius 10. */
export function modes(kept: number, each: number, rng: Random): Features {
  const centre = (mode: number) => [10 * Math.cos(mode * 0.6), 10 * Math.sin(mode * 0.6)];
  const rows = Array.from({ length: kept * each }, (_, i) => centre(i % kept));
  return {
    width: 2,
    values: Float64Array.from(rows.flat(), (value) => value + rng.normal(0, 0.3)),
  };
}

/** Test images `[count, 28, 28]` in [0, 1], and their labels. */
export interface Digits {
  readonly images: Float32Array[];
  readonly labels: number[];
}

/** Returns every 10th digit of MNIST's test set, in two disjoint halves. */
export async function digits(): Promise<readonly [Digits, Digits]> {
  const { test } = await loadMnist();
  const half = (from: number) => {
    const positions = Array.from({ length: 500 }, (_, i) => from + 20 * i);
    return {
      images: positions.map((position) => pixelsOf(test, [position])),
      labels: positions.map((position) => test.labels[position]!),
    };
  };
  return [half(0), half(10)];
}

/** Blurs images: every pixel becomes the mean of its neighbours, `times` times. */
export function blurred(image: Float32Array, times: number): Float32Array {
  const at = (source: Float32Array, x: number, y: number) =>
    x < 0 || y < 0 || x >= MNIST_SIDE || y >= MNIST_SIDE ? 0 : source[y * MNIST_SIDE + x]!;
  let source = image;
  for (let time = 0; time < times; time++) {
    source = source.map((_, i) => {
      const [x, y] = [i % MNIST_SIDE, Math.floor(i / MNIST_SIDE)];
      let sum = 0;
      for (const dx of [-1, 0, 1]) for (const dy of [-1, 0, 1]) sum += at(source, x + dx, y + dy);
      return sum / 9;
    });
  }
  return source;
}

/** Computes features that react to blur and noise: mean and deviation of each of 7 x 7 tiles. */
export function tileFeatures(images: readonly Float32Array[]): Features {
  const tile = 4;
  const perSide = MNIST_SIDE / tile;
  const row = (image: Float32Array) =>
    Array.from({ length: perSide * perSide }, (_, t) => {
      const [left, top] = [(t % perSide) * tile, Math.floor(t / perSide) * tile];
      let [sum, squares] = [0, 0];
      for (let p = 0; p < tile * tile; p++) {
        const pixel = image[(top + (p >> 2)) * MNIST_SIDE + left + (p & 3)]!;
        sum += pixel / (tile * tile);
        squares += pixel * pixel / (tile * tile);
      }
      return [sum, Math.sqrt(Math.max(0, squares - sum * sum))];
    }).flat();
  return { width: 2 * perSide * perSide, values: Float64Array.from(images.flatMap(row)) };
}
