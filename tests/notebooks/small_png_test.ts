/** Committed pictures are small and look the same. */

import assert from "node:assert/strict";
import { decode, encode } from "fast-png";
import { Random } from "../../lib/data/mod.ts";
import { smallPng } from "../../notebooks/tasks/commit/pictures.ts";

/** A PNG of one row of pixels. */
function png(data: Uint8Array, channels: number): Uint8Array {
  return encode({ width: data.length / channels, height: 1, data, channels, depth: 8 });
}

Deno.test("smallPng() keeps black and white, and rounds to 26 shades between", () => {
  const { data, channels } = decode(
    Uint8Array.fromBase64(smallPng(png(Uint8Array.of(0, 255, 8, 12, 13, 250, 251, 3, 5), 3))),
  );
  assert.deepEqual([...data], [0, 255, 10, 10, 10, 255, 255, 0, 0]);
  assert.equal(channels, 3);
});

Deno.test("smallPng() makes pictures of soft edges smaller, and gives the same again for its own", () => {
  const random = new Random(1);
  const soft = png(Uint8Array.from({ length: 30_000 }, () => random.below(256)), 3);
  const once = smallPng(soft);
  assert.ok(once.length < 0.9 * soft.toBase64().length, `${once.length}`);
  assert.equal(smallPng(Uint8Array.fromBase64(once)), once);
});
