/** Makes pictures of figures small enough to commit. */

import { decode, encode } from "fast-png";

/** Colours that a small picture keeps: flat areas stay as they are, and soft edges have fewer steps. */
const MOST_COLORS = 64;

/**
 * Encodes a PNG again, both in base 64: without transparency, in its most frequent colours, and packed as
 * tightly as possible.
 */
export function smallPng(base64: string): string {
  const { width, height, data, channels } = decode(Uint8Array.fromBase64(base64));
  const colors = new Uint32Array(width * height);
  for (let i = 0; i < colors.length; i++) {
    const at = i * channels;
    const [r, g, b] = channels < 3 ? [at, at, at] : [at, at + 1, at + 2];
    colors[i] = (Number(data[r]) << 16) | (Number(data[g]) << 8) | Number(data[b]);
  }
  const kept = keptColors(colors);
  const pixels = new Uint8Array(3 * colors.length);
  colors.forEach((color, i) => {
    const nearest = kept(color);
    pixels.set([nearest >> 16, nearest >> 8 & 255, nearest & 255], 3 * i);
  });
  const image = { width, height, data: pixels, channels: 3, depth: 8 } as const;
  return encode(image, { zlib: { level: 9 } }).toBase64();
}

/** Makes a function from a colour to the nearest of the most frequent ones. */
function keptColors(colors: Uint32Array): (color: number) => number {
  const counts = new Map<number, number>();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const frequent = [...counts].sort(([a, m], [b, n]) => n - m || a - b).slice(0, MOST_COLORS);
  const nearest = new Map<number, number>();
  return (color) => {
    const known = nearest.get(color);
    if (known !== undefined) return known;
    const [found] = frequent.reduce((best, one) =>
      distance(one[0], color) < distance(best[0], color) ? one : best
    );
    nearest.set(color, found);
    return found;
  };
}

/** Computes how far two colours are from each other, as the square of a length. */
function distance(a: number, b: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + ((a >> shift & 255) - (b >> shift & 255)) ** 2, 0);
}
