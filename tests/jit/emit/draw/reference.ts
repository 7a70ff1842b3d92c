/** Random numbers as programs draw them, in plain JavaScript. */
import type { DrawEquation } from "../../../../lib/jit/program/equation.ts";

/** The state of a generator: its key and the call, low words first. */
export type State = readonly [k0: number, k1: number, low: number, high: number];

const { fround, imul } = Math;

function multiply(x: number, by: number): [high: number, low: number] {
  const product = BigInt(x >>> 0) * BigInt(by);
  return [Number(product >> 32n) >>> 0, imul(x, by) >>> 0];
}

/** Four random words of a counter of four and a key of two, as the paper defines them. */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [a, b, c, d] = counter as [number, number, number, number];
  let [k0, k1] = key as [number, number];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(a, 0xd2511f53);
    const [high1, low1] = multiply(c, 0xcd9e8d57);
    [a, b, c, d] = [high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0];
    [k0, k1] = [(k0 + 0x9e3779b9) | 0, (k1 + 0xbb67ae85) | 0];
  }
  return [a, b, c, d].map((word) => word >>> 0);
}

/** The random word of an element, and the other word of its pair. */
export function wordsOf(
  element: number,
  stream: number,
  [k0, k1, low, high]: State,
): [first: number, second: number] {
  const block = 4 * Math.floor(element / 16) + element % 4;
  const words = philox([block, stream, low, high], [k0, k1]);
  const pair = Math.floor(element / 4) % 4 & 2;
  return [words[pair]!, words[pair + 1]!];
}

/** The standard number of an element in double precision: in [0, 1), or of mean 0 and deviation 1. */
export function standardNumber(
  element: number,
  { distribution, stream }: Pick<DrawEquation, "distribution" | "stream">,
  state: State,
): number {
  const pair = wordsOf(element, stream, state);
  const isSecond = Math.floor(element / 4) % 2;
  const word = pair[isSecond]!;
  switch (distribution) {
    case "uniform":
      return word * 2 ** -32;
    case "normal": {
      const radius = Math.sqrt(-2 * Math.log((fround(pair[0]) + 1) * 2 ** -32));
      const angle = 2 * Math.PI * pair[1] * 2 ** -32;
      return radius * (isSecond ? Math.sin(angle) : Math.cos(angle));
    }
    case "truncatedNormal":
      return truncated((word | 0) * 2 ** -31);
    default:
      return distribution satisfies never;
  }
}

/** The distribution function of normal numbers, by its Taylor series. */
export function normalBelow(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= x * x / (2 * n + 1);
    sum += term;
  }
  return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

/** The number below which the part `x` in [-1, 1] of the inner two deviations lies, by bisection. */
function truncated(x: number): number {
  const [least, most] = [normalBelow(-2), normalBelow(2)];
  const wanted = least + (x + 1) / 2 * (most - least);
  let [low, high] = [-2, 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
