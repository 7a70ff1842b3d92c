/** The sizes that convolutions work with. */
import assert from "node:assert/strict";
import {
  frameOf,
  imageBytes,
  isPointwise,
  slabImages,
} from "../../../../lib/jit/emit/conv/geometry.ts";
import type { ConvGeometry } from "../../../../lib/jit/program/equation.ts";

/** Three windows of 3 x 2, two apart, on images of 7 x 8 with 4 channels: no padding. */
const VALID: ConvGeometry = {
  batch: 6,
  inHeight: 7,
  inWidth: 8,
  inChannels: 4,
  outHeight: 3,
  outWidth: 4,
  outChannels: 5,
  filterHeight: 3,
  filterWidth: 2,
  strideHeight: 2,
  strideWidth: 2,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
};
const POINT: ConvGeometry = {
  ...VALID,
  outHeight: 7,
  outWidth: 8,
  filterHeight: 1,
  filterWidth: 1,
  strideHeight: 1,
  strideWidth: 1,
};

Deno.test("frameOf() is the image itself where there is no padding", () => {
  assert.deepEqual(frameOf(VALID), { height: 7, width: 8, rows: 7, columns: 8, isImage: true });
  assert.deepEqual(imageBytes(VALID), { image: 4 * 7 * 8 * 4, frame: 4 * 7 * 8 * 4 });
});

Deno.test("frameOf() is as large as the windows reach, and holds what they see of the image", () => {
  const padded = { ...VALID, outHeight: 4, outWidth: 5, padTop: 1, padLeft: 1 };
  assert.deepEqual(frameOf(padded), { height: 9, width: 10, rows: 7, columns: 8, isImage: false });
  const cut = { ...VALID, outHeight: 2, outWidth: 2 };
  assert.deepEqual(frameOf(cut), { height: 5, width: 4, rows: 5, columns: 4, isImage: false });
  const dilated = { ...VALID, outHeight: 2, outWidth: 3, dilationHeight: 2, dilationWidth: 3 };
  assert.deepEqual(frameOf(dilated), { height: 7, width: 8, rows: 7, columns: 8, isImage: true });
});

Deno.test("isPointwise() only where patches are pixels", () => {
  assert(isPointwise(POINT));
  const others: Partial<ConvGeometry>[] = [
    { filterHeight: 2 },
    { filterWidth: 2 },
    { strideHeight: 2 },
    { strideWidth: 2 },
    { filterHeight: 2, strideWidth: 2 },
    { padTop: 1 },
    { padLeft: 1 },
    { outHeight: 6 },
    { outWidth: 7 },
  ];
  for (const other of others) assert(!isPointwise({ ...POINT, ...other }), JSON.stringify(other));
});

Deno.test("slabImages() divides the batch, and is smaller for larger images", () => {
  assert.equal(slabImages({ ...VALID, batch: 1 }), 1);
  const counts = [1, 8, 32, 128].map((scale) =>
    slabImages({ ...VALID, outHeight: 4 * scale, outWidth: 4 * scale })
  );
  assert(counts.every((count) => 6 % count === 0), counts.join());
  assert.equal(counts[0], 6);
  assert.equal(counts.at(-1), 1);
  assert.deepEqual(counts, counts.toSorted((a, b) => b - a));
});
