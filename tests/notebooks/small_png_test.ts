/** Committed pictures are small and look the same. */

import assert from "node:assert/strict";
import { decode, encode } from "fast-png";
import fc from "fast-check";
import { smallPng } from "../../notebooks/tasks/commit/small_png.ts";

/** A PNG of pixels `[width, channels]`, in base 64. */
function png(data: Uint8Array, channels: number): string {
  return encode({ width: data.length / channels, height: 1, data, channels, depth: 8 }).toBase64();
}

Deno.test("smallPng() keeps white and black, and every colour to 4 of 255", () => {
  const pixel = fc.array(fc.nat(255), { minLength: 3, maxLength: 3 });
  fc.assert(fc.property(fc.array(pixel, { minLength: 1, maxLength: 30 }), (pixels) => {
    const colours = [[0, 0, 0], [255, 255, 255], ...pixels];
    const opaque = Uint8Array.from(colours.flatMap((colour) => [...colour, 255]));
    const { data, channels, width } = decode(Uint8Array.fromBase64(smallPng(png(opaque, 4))));
    assert.deepEqual([channels, width], [3, colours.length]);
    assert.deepEqual([...data.slice(0, 6)], [0, 0, 0, 255, 255, 255]);
    colours.flat().forEach((value, at) => assert(Math.abs(value - Number(data[at])) <= 4.2));
  }));
});

Deno.test("smallPng() makes three channels of grey ones", () => {
  const { data } = decode(Uint8Array.fromBase64(smallPng(png(Uint8Array.of(0, 255), 1))));
  assert.deepEqual([...data], [0, 0, 0, 255, 255, 255]);
});

Deno.test("smallPng() gives the same text again for its own", () => {
  const noise = Uint8Array.from({ length: 300 }, (_, i) => (i * 7919) % 256);
  const once = smallPng(png(noise, 3));
  assert.equal(smallPng(once), once);
});
