/**
 * Two-dimensional convolutions and their gradients, as patches and matrix products.
 *
 * A patch is a row with the pixels that one place of the output depends on. Then the output is
 * `patches x filter`, the filter's gradient `patches^T x dy`, and the input's gradient the sum of the
 * rows of `dy x filter^T` at their places. Images are done in slabs whose patches stay in the cache.
 * @module
 */
import type { ConvGeometry, ConvKind } from "../../program/equation.ts";
import {
  type Callee,
  type FunctionBuilder,
  i32,
  type Int,
  liftI32,
  type Local,
} from "../../wasm/mod.ts";
import { frameOf, imageBytes, isPointwise, patchSize, placesOf, slabImages } from "./geometry.ts";
import { copyFrames, fillZeros, gatherPatches, scatterPatches, slabBytes } from "./patches.ts";
import { emitProduct, matmulScratch, type MatmulShape } from "../matmul/mod.ts";

/** Counts the bytes of scratch memory that a convolution needs, with a BLAS or without. */
export function convScratch(kind: ConvKind, geometry: ConvGeometry): number {
  const product = matmulScratch(productShape(kind, geometry));
  const { frames, patches } = slabBytes(geometry);
  return (isPointwise(geometry) ? 0 : aligned(frames) + aligned(patches)) + product;
}

/** The three arrays of a convolution, one of which is the result. */
interface Arrays<T> {
  /** `[batch, inHeight, inWidth, inChannels]`. */
  readonly images: T;
  /** `[filterHeight, filterWidth, inChannels, outChannels]`. */
  readonly filter: T;
  /** `[batch, outHeight, outWidth, outChannels]`. */
  readonly places: T;
  /** `convScratch(kind, geometry)` bytes that may be overwritten. */
  readonly scratch: T;
}

/** A convolution or gradient and the addresses of its arrays; the result may not overlap another array. */
export interface ConvSpec extends Arrays<Int> {
  readonly kind: ConvKind;
  readonly geometry: ConvGeometry;
}

/** Writes a convolution or one of its gradients, as a call of a function that equal convolutions share. */
export function emitConv(f: FunctionBuilder, spec: ConvSpec, sgemm?: Callee): void {
  const { kind, geometry, images, filter, places, scratch } = spec;
  const name = `${kind} ${Object.values(geometry).join("x")}${sgemm ? " by sgemm" : ""}`;
  const params = { images: "i32", filter: "i32", places: "i32", scratch: "i32" } as const;
  const callee = f.module.shared({ name, params }, (body, at) => {
    if (isPointwise(geometry)) emitSlabProduct(body, { kind, geometry, at, sgemm }, at.images);
    else emitSlabs(body, { kind, geometry, at, sgemm });
  });
  f.do(callee, ...[images, filter, places, scratch].map(liftI32));
}

interface Work {
  readonly kind: ConvKind;
  readonly geometry: ConvGeometry;
  /** The addresses of the arrays; images and places begin at the present slab. */
  readonly at: Arrays<Local<"i32">>;
  readonly sgemm: Callee | undefined;
}

function emitSlabs(f: FunctionBuilder, work: Work): void {
  const { kind, geometry, at } = work;
  const { batch, outChannels } = geometry;
  const size = slabImages(geometry);
  const bytes = imageBytes(geometry);
  const frame = frameOf(geometry);
  const isPartial = frame.rows < geometry.inHeight || frame.columns < geometry.inWidth;
  const framed = slabBytes(geometry).frames;
  // The border of the frames stays zero: only their middle is written, slab after slab.
  if (framed > 0 && kind !== "conv2dInput") fillZeros(f, at.scratch, framed / 4);
  if (kind === "conv2dFilter" && size < batch) {
    fillZeros(f, at.filter, patchSize(geometry) * outChannels);
  }
  if (kind === "conv2dInput" && isPartial) fillZeros(f, at.images, batch * bytes.image / 4);
  f.loop({ to: batch, step: size }, (image) => {
    const images = f.let(i32.add(at.images, i32.mul(image, bytes.image)));
    const offset = i32.mul(image, 4 * placesOf(geometry) * outChannels);
    const places = f.let(i32.add(at.places, offset));
    emitSlab(f, { ...work, at: { ...at, images, places } });
  });
}

function emitSlab(f: FunctionBuilder, work: Work): void {
  const { kind, geometry, at: { images, scratch } } = work;
  const { frames: framed } = slabBytes(geometry);
  const frames = framed > 0 ? scratch : images;
  const patches = f.let(i32.add(scratch, aligned(framed)));
  if (kind === "conv2dInput") {
    emitSlabProduct(f, work, patches);
    fillZeros(f, frames, slabImages(geometry) * imageBytes(geometry).frame / 4);
    scatterPatches(f, geometry, { frames, patches });
    if (framed > 0) copyFrames(f, geometry, { images, frames, way: "out of frames" });
    return;
  }
  if (framed > 0) copyFrames(f, geometry, { images, frames, way: "into frames" });
  gatherPatches(f, geometry, { frames, patches });
  emitSlabProduct(f, work, patches);
}

/** Writes the product of a slab. For the filter's gradient it is added to the products of earlier slabs. */
function emitSlabProduct(f: FunctionBuilder, work: Work, patches: Local<"i32">): void {
  const { kind, geometry, at: { filter, places }, sgemm } = work;
  const { frames, patches: size } = slabBytes(geometry);
  const shape = productShape(kind, geometry);
  const used = isPointwise(geometry) ? 0 : aligned(frames) + aligned(size);
  const scratch = i32.add(work.at.scratch, used);
  const isCut = !isPointwise(geometry) && slabImages(geometry) < geometry.batch;
  const accumulate = kind === "conv2dFilter" && isCut;
  const operands = {
    conv2d: { a: patches, b: filter, out: places },
    conv2dInput: { a: places, b: filter, out: patches },
    conv2dFilter: { a: patches, b: places, out: filter },
  }[kind];
  emitProduct(f, shape, { ...operands, scratch, accumulate }, sgemm);
}

/** Returns the sizes of a slab's product, or of the product of all images if a patch is a pixel. */
function productShape(kind: ConvKind, geometry: ConvGeometry): MatmulShape {
  const images = isPointwise(geometry) ? geometry.batch : slabImages(geometry);
  const rows = images * placesOf(geometry);
  const [patch, channels] = [patchSize(geometry), geometry.outChannels];
  const plain = { batch: 1, transposeA: false, transposeB: false };
  if (kind === "conv2d") return { ...plain, m: rows, n: channels, k: patch };
  if (kind === "conv2dInput") {
    return { ...plain, m: rows, n: patch, k: channels, transposeB: true };
  }
  return { ...plain, m: patch, n: channels, k: rows, transposeA: true };
}

function aligned(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}
