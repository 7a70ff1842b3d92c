import assert from "node:assert/strict";
import fc from "fast-check";
import { ModuleBuilder } from "../../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "../../wasm/instance.ts";
import type { ConvGeometry, ConvKind } from "../../../../lib/jit/program/equation.ts";
import { convScratch, emitConv } from "../../../../lib/jit/emit/conv/mod.ts";

/** The three arrays of a convolution, holding small integers so that every sum is exact. */
interface Arrays {
  readonly images: Float32Array;
  readonly filter: Float32Array;
  readonly places: Float32Array;
}

function arraysOf(geometry: ConvGeometry): Arrays {
  const { batch, inChannels, outChannels } = geometry;
  const integers = (length: number, seed: number) =>
    Float32Array.from({ length }, (_, i) => (Math.imul(i + 1, seed) >>> 9) % 7 - 3);
  return {
    images: integers(batch * geometry.inHeight * geometry.inWidth * inChannels, 0x9e3779b1),
    filter: integers(
      geometry.filterHeight * geometry.filterWidth * inChannels * outChannels,
      0x85ebca6b,
    ),
    places: integers(batch * geometry.outHeight * geometry.outWidth * outChannels, 0xc2b2ae35),
  };
}

const RESULT = { conv2d: "places", conv2dInput: "images", conv2dFilter: "filter" } as const;

/** The result by the definition: every product of the convolution, added where it belongs. */
function expected(kind: ConvKind, geometry: ConvGeometry): Float32Array {
  const arrays = arraysOf(geometry);
  const out = new Float32Array(arrays[RESULT[kind]].length);
  eachProduct(geometry, (image, weight, place) => {
    const [x, w, y] = [arrays.images[image], arrays.filter[weight], arrays.places[place]];
    if (kind === "conv2d") out[place] = (out[place] ?? 0) + (x ?? NaN) * (w ?? NaN);
    if (kind === "conv2dInput") out[image] = (out[image] ?? 0) + (y ?? NaN) * (w ?? NaN);
    if (kind === "conv2dFilter") out[weight] = (out[weight] ?? 0) + (x ?? NaN) * (y ?? NaN);
  });
  return out;
}

function eachProduct(
  g: ConvGeometry,
  visit: (image: number, weight: number, place: number) => void,
): void {
  const sizes = [g.batch, g.outHeight, g.outWidth, g.filterHeight, g.filterWidth];
  for (const [b, oy, ox, fy, fx] of indices(sizes)) {
    const y = (oy ?? 0) * g.strideHeight - g.padTop + (fy ?? 0) * g.dilationHeight;
    const x = (ox ?? 0) * g.strideWidth - g.padLeft + (fx ?? 0) * g.dilationWidth;
    if (y < 0 || y >= g.inHeight || x < 0 || x >= g.inWidth) continue;
    for (const [ci, co] of indices([g.inChannels, g.outChannels])) {
      const image = (((b ?? 0) * g.inHeight + y) * g.inWidth + x) * g.inChannels + (ci ?? 0);
      const pixel = ((fy ?? 0) * g.filterWidth + (fx ?? 0)) * g.inChannels + (ci ?? 0);
      const place = ((b ?? 0) * g.outHeight + (oy ?? 0)) * g.outWidth + (ox ?? 0);
      visit(image, pixel * g.outChannels + (co ?? 0), place * g.outChannels + (co ?? 0));
    }
  }
}

function* indices(sizes: readonly number[]): Generator<readonly number[]> {
  const [size, ...rest] = sizes;
  if (size === undefined) {
    yield [];
    return;
  }
  for (let i = 0; i < size; i++) for (const others of indices(rest)) yield [i, ...others];
}

/** What the emitted code makes of memory that holds NaN wherever there is no operand. */
function compute(kind: ConvKind, geometry: ConvGeometry): Float32Array {
  const arrays = arraysOf(geometry);
  let top = 64;
  const place = (bytes: number) => {
    const at = top;
    top += 16 * Math.ceil(bytes / 16) + 64;
    return at;
  };
  const at = {
    images: place(arrays.images.byteLength),
    filter: place(arrays.filter.byteLength),
    places: place(arrays.places.byteLength),
    scratch: place(convScratch(kind, geometry)),
  };
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, Math.ceil(top / 65536));
  builder.func({ name: "run", export: true }, (f) => {
    emitConv(f, { kind, geometry, ...at });
  });
  const exports = instantiate(builder, { memory });
  const floats = new Float32Array(memory.buffer).fill(NaN);
  const names = ["images", "filter", "places"] as const;
  for (const name of names) if (name !== RESULT[kind]) floats.set(arrays[name], at[name] / 4);
  (exports.run as () => void)();
  const out = floats.slice(
    at[RESULT[kind]] / 4,
    at[RESULT[kind]] / 4 + arrays[RESULT[kind]].length,
  );
  for (const name of names) floats.fill(NaN, at[name] / 4, at[name] / 4 + arrays[name].length);
  floats.fill(NaN, at.scratch / 4, at.scratch / 4 + Math.ceil(convScratch(kind, geometry) / 4));
  assert.ok(floats.every(Number.isNaN), `${kind} writes outside: ${JSON.stringify(geometry)}`);
  return out;
}

const KINDS = ["conv2d", "conv2dInput", "conv2dFilter"] as const;

function check(geometry: ConvGeometry): void {
  for (const kind of KINDS) {
    const message = `${kind} ${JSON.stringify(geometry)}`;
    // Zeros of either sign are equal here: -0 depends on the order of a sum.
    const plain = (values: Float32Array) => values.map((value) => value + 0);
    assert.deepEqual(plain(compute(kind, geometry)), plain(expected(kind, geometry)), message);
  }
}

const small = (max: number) => fc.integer({ min: 1, max });
const geometries: fc.Arbitrary<ConvGeometry> = fc.record({
  batch: small(3),
  inHeight: small(7),
  inWidth: small(7),
  inChannels: small(5),
  outChannels: small(9),
  filterHeight: small(4),
  filterWidth: small(4),
  strideHeight: small(3),
  strideWidth: small(3),
  dilationHeight: small(2),
  dilationWidth: small(2),
  padTop: fc.nat(2),
  padLeft: fc.nat(2),
  padBottom: fc.nat(2),
  padRight: fc.nat(2),
}).map(withResult).filter(({ outHeight, outWidth }) => outHeight > 0 && outWidth > 0);

type Sizes =
  & Omit<ConvGeometry, "outHeight" | "outWidth">
  & Readonly<Record<"padBottom" | "padRight", number>>;

/** The geometry of images with padding on all sides. */
function withResult({ padBottom, padRight, ...sizes }: Sizes): ConvGeometry {
  const places = (size: number, pad: number, filter: number, stride: number) =>
    Math.floor((size + pad - filter) / stride) + 1;
  const height = (sizes.filterHeight - 1) * sizes.dilationHeight + 1;
  const width = (sizes.filterWidth - 1) * sizes.dilationWidth + 1;
  const outHeight = places(sizes.inHeight, sizes.padTop + padBottom, height, sizes.strideHeight);
  const outWidth = places(sizes.inWidth, sizes.padLeft + padRight, width, sizes.strideWidth);
  return { ...sizes, outHeight, outWidth };
}

Deno.test("convolutions and their gradients follow the definition for every geometry", () => {
  fc.assert(fc.property(geometries, check), { numRuns: 80 });
});

Deno.test("convolutions and their gradients follow the definition for every smallest geometry", () => {
  for (const choice of indices([2, 2, 2, 2, 2, 2, 2, 2, 2])) {
    const [height, width, rows, columns, down, right, pad, padBottom, padRight] = choice;
    const geometry = withResult({
      batch: 2,
      inHeight: height! + 1,
      inWidth: width! + 1,
      inChannels: 1,
      outChannels: 2,
      filterHeight: rows! + 1,
      filterWidth: columns! + 1,
      strideHeight: down! + 1,
      strideWidth: right! + 1,
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: pad!,
      padLeft: pad!,
      padBottom: padBottom!,
      padRight: padRight!,
    });
    if (geometry.outHeight > 0 && geometry.outWidth > 0) check(geometry);
  }
});

Deno.test("convolutions of a pixel are products without patches", () => {
  const geometry = {
    batch: 2,
    inHeight: 5,
    inWidth: 4,
    inChannels: 6,
    outHeight: 5,
    outWidth: 4,
    outChannels: 7,
    filterHeight: 1,
    filterWidth: 1,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
  };
  check(geometry);
  assert.ok(convScratch("conv2d", geometry) < convScratch("conv2d", { ...geometry, padTop: 1 }));
});

Deno.test("convolutions of many images are done in slabs", () => {
  const geometry = {
    batch: 6,
    inHeight: 14,
    inWidth: 14,
    inChannels: 8,
    outHeight: 14,
    outWidth: 14,
    outChannels: 2,
    filterHeight: 4,
    filterWidth: 4,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 1,
    padLeft: 1,
  };
  check(geometry);
  const many = convScratch("conv2d", { ...geometry, batch: 60 });
  assert.ok(many < 2 * convScratch("conv2d", geometry));
});
