/** Committed pictures are small and look the same. */

import assert from "node:assert/strict";
import { decode, encode } from "fast-png";
import fc from "fast-check";
import { smallPng } from "../../notebooks/tasks/commit/small_png.ts";

/** A PNG of one row of pixels, in base 64. */
function png(data: Uint8Array, channels: number): string {
  return encode({ width: data.length / channels, height: 1, data, channels, depth: 8 }).toBase64();
}

const pixelsOf = (base64: string) => [...decode(Uint8Array.fromBase64(base64)).data];

const color = fc.array(fc.nat(255), { minLength: 3, maxLength: 3 });

Deno.test("smallPng() keeps pictures of few colours as they are, without transparency", () => {
  fc.assert(fc.property(fc.array(color, { minLength: 1, maxLength: 64 }), (colors) => {
    const opaque = Uint8Array.from(colors.flatMap((color) => [...color, 255]));
    assert.deepEqual(pixelsOf(smallPng(png(opaque, 4))), colors.flat());
  }));
});

Deno.test("smallPng() keeps the 64 most frequent colours and takes the nearest for others", () => {
  const frequent = Array.from({ length: 64 }, (_, i) => [4 * i, 0, 0]);
  const rare = [[5, 0, 1], [250, 0, 0], [255, 9, 9]];
  const pixels = pixelsOf(smallPng(png(
    Uint8Array.from([...frequent, ...frequent, ...rare].flat()),
    3,
  )));
  assert.deepEqual(pixels.slice(0, 384), [...frequent, ...frequent].flat());
  assert.deepEqual(pixels.slice(384), [4, 0, 0, 248, 0, 0, 252, 0, 0]);
});

Deno.test("smallPng() makes three channels of grey ones", () => {
  assert.deepEqual(pixelsOf(smallPng(png(Uint8Array.of(0, 255), 1))), [0, 0, 0, 255, 255, 255]);
});

Deno.test("smallPng() gives the same text again for its own", () => {
  const noise = Uint8Array.from({ length: 3_000 }, (_, i) => (i * i * 7919) % 256);
  const once = smallPng(png(noise, 3));
  assert.equal(smallPng(once), once);
});
