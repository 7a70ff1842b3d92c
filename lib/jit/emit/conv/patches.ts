/**
 * Moves numbers between images and patches: frames with zeros around the images, patches out of
 * frames, and sums of patches back into frames.
 * @module
 */
import type { ConvGeometry } from "../../program/equation.ts";
import { f32x4, type FunctionBuilder, i32, type Local } from "../../wasm/mod.ts";
import { frameOf, imageBytes, patchSize, placesOf, slabImages } from "./geometry.ts";
import { loadColumns, storeColumns } from "../matmul/tile.ts";

/** A run of floats, from one place to another; the offsets are in bytes. */
interface FloatRun {
  readonly from: Local<"i32">;
  readonly fromOffset: number;
  readonly to: Local<"i32">;
  readonly toOffset: number;
  readonly floats: number;
}

/** The largest number of vectors that are copied without a loop. */
const MOST_UNROLLED = 16;

/** The part of a run that fits one vector: four floats, or `count` if that is less. */
interface Piece extends Omit<FloatRun, "floats"> {
  readonly count: number;
}

function eachPiece(f: FunctionBuilder, run: FloatRun, body: (piece: Piece) => void): void {
  const whole = Math.floor(run.floats / 4);
  const looped = whole > MOST_UNROLLED ? whole : 0;
  f.loop({ to: 16 * looped, step: 16 }, (offset) => {
    const [from, to] = [f.let(i32.add(run.from, offset)), f.let(i32.add(run.to, offset))];
    body({ ...run, from, to, count: 4 });
  });
  for (let float = 4 * looped; float < run.floats; float += 4) {
    const [fromOffset, toOffset] = [run.fromOffset + 4 * float, run.toOffset + 4 * float];
    f.scope(() => body({ ...run, fromOffset, toOffset, count: run.floats - float }));
  }
}

function copyRun(f: FunctionBuilder, run: FloatRun): void {
  eachPiece(f, run, ({ from, fromOffset, to, toOffset, count }) => {
    const value = f.let(loadColumns(from, fromOffset, count));
    storeColumns(f, { address: to, offset: toOffset, count }, value);
  });
}

function addRun(f: FunctionBuilder, run: FloatRun): void {
  eachPiece(f, run, ({ from, fromOffset, to, toOffset, count }) => {
    const before = loadColumns(to, toOffset, count);
    const sum = f.let(f32x4.add(before, loadColumns(from, fromOffset, count)));
    storeColumns(f, { address: to, offset: toOffset, count }, sum);
  });
}

/** Writes zeros. */
export function fillZeros(f: FunctionBuilder, to: Local<"i32">, floats: number): void {
  f.scope(() => {
    const zero = f.let(f32x4.const(0));
    const whole = floats - floats % 4;
    f.loop({ to: 4 * whole, step: 16 }, (offset) => f.store.v128(i32.add(to, offset), zero));
    const rest = { address: to, offset: 4 * whole, count: floats % 4 };
    storeColumns(f, rest, zero);
  });
}

/** A direction in which the images of a slab are copied. */
export type FrameCopy = "into frames" | "out of frames";

/** Copies the images of a slab into the middle of their frames, or back. */
export function copyFrames(f: FunctionBuilder, geometry: ConvGeometry, copy: {
  readonly images: Local<"i32">;
  readonly frames: Local<"i32">;
  readonly way: FrameCopy;
}): void {
  const { inWidth, inChannels, padTop, padLeft } = geometry;
  const { width, rows, columns } = frameOf(geometry);
  const bytes = imageBytes(geometry);
  const corner = 4 * inChannels * (padTop * width + padLeft);
  f.loop({ to: slabImages(geometry) }, (image) => {
    f.loop({ to: rows }, (row) => {
      const inImage = i32.add(i32.mul(image, bytes.image), i32.mul(row, 4 * inWidth * inChannels));
      const inFrame = i32.add(i32.mul(image, bytes.frame), i32.mul(row, 4 * width * inChannels));
      const from = f.let(i32.add(copy.images, inImage));
      const to = f.let(i32.add(i32.add(copy.frames, corner), inFrame));
      const run = { from, fromOffset: 0, to, toOffset: 0, floats: columns * inChannels };
      copyRun(f, copy.way === "into frames" ? run : { ...run, from: to, to: from });
    });
  });
}

/** The addresses of a slab's frames and patches. */
export interface Slab {
  /** The framed images. */
  readonly frames: Local<"i32">;
  /** The patches, row by row. */
  readonly patches: Local<"i32">;
}

/** Writes the patches of a slab, `[images * places, patch]`, out of its frames. */
export function gatherPatches(f: FunctionBuilder, geometry: ConvGeometry, slab: Slab): void {
  eachRun(f, geometry, slab, (run) => copyRun(f, run));
}

/** Adds the patches of a slab to its frames. */
export function scatterPatches(f: FunctionBuilder, geometry: ConvGeometry, slab: Slab): void {
  eachRun(f, geometry, slab, ({ from, fromOffset, to, toOffset, floats }) => {
    const swapped = { from: to, fromOffset: toOffset, to: from, toOffset: fromOffset };
    addRun(f, { ...swapped, floats });
  });
}

/**
 * Visits the floats that lie together in frame and patch: whole rows of a filter, or single pixels if it is
 * dilated.
 */
function eachRun(
  f: FunctionBuilder,
  geometry: ConvGeometry,
  slab: Slab,
  body: (run: FloatRun) => void,
): void {
  const { filterHeight, filterWidth, inChannels, dilationHeight, dilationWidth } = geometry;
  const frameRow = 4 * dilationHeight * frameOf(geometry).width * inChannels;
  const pixel = 4 * inChannels;
  const pieces = dilationWidth === 1 ? 1 : filterWidth;
  const floats = filterWidth * inChannels / pieces;
  const eachPieceOfRow = (at: Omit<FloatRun, "floats">) => {
    for (let piece = 0; piece < pieces; piece++) {
      const fromOffset = at.fromOffset + piece * dilationWidth * pixel;
      body({ ...at, fromOffset, toOffset: at.toOffset + piece * pixel, floats });
    }
  };
  eachPlace(f, geometry, slab, (from, to) => {
    if (Math.ceil(floats / 4) * pieces * filterHeight <= 2 * MOST_UNROLLED) {
      for (let row = 0; row < filterHeight; row++) {
        const toOffset = row * filterWidth * pixel;
        eachPieceOfRow({ from, fromOffset: row * frameRow, to, toOffset });
      }
      return;
    }
    f.loop({ to: filterHeight }, (row) => {
      const rowFrom = f.let(i32.add(from, i32.mul(row, frameRow)));
      const rowTo = f.let(i32.add(to, i32.mul(row, filterWidth * pixel)));
      eachPieceOfRow({ from: rowFrom, fromOffset: 0, to: rowTo, toOffset: 0 });
    });
  });
}

/**
 * Visits the places of the output: `body` gets the corner of the patch in its frame, and the address of the
 * patch.
 */
function eachPlace(
  f: FunctionBuilder,
  geometry: ConvGeometry,
  { frames, patches }: Slab,
  body: (inFrame: Local<"i32">, inPatch: Local<"i32">) => void,
): void {
  const { outHeight, outWidth, inChannels, strideHeight, strideWidth } = geometry;
  const rowBytes = 4 * frameOf(geometry).width * inChannels;
  const patch = f.let(patches);
  f.loop({ to: slabImages(geometry) }, (image) => {
    const frame = f.let(i32.add(frames, i32.mul(image, imageBytes(geometry).frame)));
    f.loop({ to: outHeight }, (row) => {
      const corner = f.let(i32.add(frame, i32.mul(row, strideHeight * rowBytes)));
      f.loop({ to: outWidth }, () => {
        body(corner, patch);
        f.set(corner, i32.add(corner, 4 * strideWidth * inChannels));
        f.set(patch, i32.add(patch, 4 * patchSize(geometry)));
      });
    });
  });
}

/** Counts the bytes of a slab's patches and of its frames. */
export function slabBytes(
  geometry: ConvGeometry,
): { readonly patches: number; readonly frames: number } {
  const images = slabImages(geometry);
  return {
    patches: 4 * images * placesOf(geometry) * patchSize(geometry),
    frames: frameOf(geometry).isImage ? 0 : images * imageBytes(geometry).frame,
  };
}
