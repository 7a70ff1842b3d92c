/**
 * Pooling of images and its gradients, four channels at a time.
 *
 * The meaning is that of TensorFlow.js's cpu kernels: padding is never used; a maximum ignores NaN;
 * the gradient of a maximum goes to the first pixel that has it; that of a mean is divided by the
 * size of the filter, also at the border.
 * @module
 */
import type { ConvGeometry, PoolKind } from "../../program/equation.ts";
import {
  type Expr,
  f32x4,
  type FunctionBuilder,
  i32,
  type Int,
  liftI32,
  type Local,
  v128,
} from "../../wasm/mod.ts";
import { frameOf } from "./geometry.ts";
import { fillZeros } from "./patches.ts";
import { loadColumns, storeColumns } from "../matmul/tile.ts";

/** Pooling of images `[batch, height, width, channels]`; the filter has no weights. */
export interface PoolSpec {
  /** The sizes; `outChannels` equals `inChannels`. */
  readonly geometry: ConvGeometry;
  /** Maximum or mean. */
  readonly kind: PoolKind;
  /** The address of the result, which may not overlap an operand. */
  readonly out: Int;
}

/** Writes `out = pool(x)`, `[batch, outHeight, outWidth, channels]`. */
export function emitPool(f: FunctionBuilder, spec: PoolSpec & { readonly x: Int }): void {
  const { kind, x: images, out: places } = spec;
  callPool(f, spec, { images, places, dx: 0 }, (f, window) => {
    const sum = f.let(f32x4.const(kind === "max" ? -Infinity : 0));
    const count = f.let(f32x4.const(0));
    eachPixel(f, window, (offset) => {
      const pixel = loadColumns(window.pixel, offset, window.count);
      f.set(sum, kind === "max" ? f32x4.pmax(sum, pixel) : f32x4.add(sum, pixel));
      if (kind === "avg") f.set(count, f32x4.add(count, 1));
    });
    const value = kind === "max" ? sum : f.let(f32x4.div(sum, count));
    storeColumns(f, { address: window.place, offset: 0, count: window.count }, value);
  });
}

/**
 * Writes the gradient of `pool(x)` with respect to `x`; `y` is the result of the pooling, used for
 * a maximum.
 */
export function emitPoolGradient(
  f: FunctionBuilder,
  spec: PoolSpec & { readonly x: Int; readonly y: Int; readonly dy: Int },
): void {
  const { geometry: { filterHeight, filterWidth }, kind, x, y, dy } = spec;
  const at = { images: x, places: dy, dx: spec.out, y };
  callPool(f, spec, at, (f, window) => {
    const gradient = f.let(loadColumns(window.place, 0, window.count));
    if (kind === "avg") f.set(gradient, f32x4.mul(gradient, 1 / (filterHeight * filterWidth)));
    const largest = f.let(loadColumns(window.y, 0, window.count));
    eachPixel(f, window, (offset) => {
      const part = kind === "avg" ? gradient : takeFirst(f, window, { offset, largest, gradient });
      const before = loadColumns(window.dx, offset, window.count);
      const sum = f.let(f32x4.add(before, part));
      storeColumns(f, { address: window.dx, offset, count: window.count }, sum);
    });
  });
}

/** Takes the gradient where the pixel is the maximum, so that later pixels with the same value get none. */
function takeFirst(f: FunctionBuilder, window: Window, at: {
  readonly offset: number;
  readonly largest: Local<"v128">;
  readonly gradient: Local<"v128">;
}): Local<"v128"> {
  const pixel = f.let(loadColumns(window.pixel, at.offset, window.count));
  // A window without a number above -Infinity has no maximum.
  const isLargest = v128.and(f32x4.eq(pixel, at.largest), f32x4.gt(pixel, -Infinity));
  const mask = f.let(isLargest);
  const part = f.let(v128.and(at.gradient, mask));
  f.set(at.gradient, v128.andnot(at.gradient, mask));
  return part;
}

/**
 * The window of one place of the output, by the addresses of its first pixel. That pixel may lie in the
 * padding.
 */
interface Window {
  readonly geometry: ConvGeometry;
  readonly row: Local<"i32">;
  readonly column: Local<"i32">;
  /**
   * The first pixel in the images; then the same place in their gradient, in the output (or its gradient),
   * and in `y`.
   */
  readonly pixel: Local<"i32">;
  readonly dx: Local<"i32">;
  readonly place: Local<"i32">;
  readonly y: Local<"i32">;
  /** The number of channels that are computed at once. */
  readonly count: number;
}

type WindowCode = (f: FunctionBuilder, window: Window) => void;

/** The addresses of the arrays; 0 for a gradient that is not computed. */
interface PoolPlaces {
  readonly images: Int;
  readonly places: Int;
  readonly dx: Int;
  readonly y?: Int;
}

function callPool(f: FunctionBuilder, spec: PoolSpec, at: PoolPlaces, code: WindowCode): void {
  const { geometry, kind } = spec;
  const isGradient = at.y !== undefined;
  const name = `${kind} pool${isGradient ? " gradient" : ""} ${Object.values(geometry).join("x")}`;
  const params = { images: "i32", places: "i32", dx: "i32", y: "i32" } as const;
  const callee = f.module.shared({ name, params }, (body, { images, places, dx, y }) => {
    const { batch, inHeight, inWidth, inChannels } = geometry;
    if (isGradient) fillZeros(body, dx, batch * inHeight * inWidth * inChannels);
    const [place, result] = [body.let(places), body.let(y)];
    eachCorner(body, geometry, ({ first, row, column }) => {
      const pixel = body.let(i32.add(images, first));
      const gradient = body.let(i32.add(dx, first));
      const window = { geometry, row, column, pixel, dx: gradient, place, y: result };
      eachChannel(body, window, code);
    });
  });
  f.do(callee, ...[at.images, at.places, at.dx, at.y ?? 0].map(liftI32));
}

/** Visits the places of the output: `body` gets the offset, row and column of their first pixel. */
function eachCorner(
  f: FunctionBuilder,
  geometry: ConvGeometry,
  body: (corner: {
    readonly first: Expr<"i32">;
    readonly row: Local<"i32">;
    readonly column: Local<"i32">;
  }) => void,
): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth } = geometry;
  f.loop({ to: batch }, (image) => {
    f.loop({ to: outHeight }, (y) => {
      const row = f.let(i32.sub(i32.mul(y, geometry.strideHeight), geometry.padTop));
      f.loop({ to: outWidth }, (x) => {
        const column = f.let(i32.sub(i32.mul(x, geometry.strideWidth), geometry.padLeft));
        const line = i32.add(i32.mul(image, inHeight), row);
        const pixel = i32.add(i32.mul(line, inWidth), column);
        body({ first: i32.mul(pixel, 4 * inChannels), row, column });
      });
    });
  });
}

/** Writes the code of a window for the channels, four at a time, and moves on to the next place. */
function eachChannel(
  f: FunctionBuilder,
  window: Omit<Window, "count">,
  code: WindowCode,
): void {
  const channels = window.geometry.inChannels;
  const moving = [window.pixel, window.dx, window.place, window.y];
  const step = (count: number) => {
    f.scope(() => code(f, { ...window, count }));
    for (const address of moving) f.set(address, i32.add(address, 4 * count));
  };
  f.loop({ to: Math.floor(channels / 4) }, () => step(4));
  if (channels % 4 > 0) step(channels % 4);
}

/** Visits the pixels of a window that lie in the image, by their offset from the first one. */
function eachPixel(f: FunctionBuilder, window: Window, body: (offset: number) => void): void {
  const { geometry, row, column } = window;
  const { filterHeight, filterWidth, inHeight, inWidth, inChannels } = geometry;
  const { dilationHeight, dilationWidth } = geometry;
  // As an unsigned number, a place before the image is far behind it.
  const isIn = (at: Int, size: number) => i32.ltU(at, size);
  for (let y = 0; y < filterHeight; y++) {
    for (let x = 0; x < filterWidth; x++) {
      const [down, right] = [y * dilationHeight, x * dilationWidth];
      const offset = 4 * inChannels * (down * inWidth + right);
      const visit = () => f.scope(() => body(offset));
      if (isAlwaysInside(geometry)) visit();
      else {
        const isRow = isIn(i32.add(row, down), inHeight);
        f.if(i32.and(isRow, isIn(i32.add(column, right), inWidth)), visit);
      }
    }
  }
}

function isAlwaysInside(geometry: ConvGeometry): boolean {
  const { height, width } = frameOf(geometry);
  const { padTop, padLeft, inHeight, inWidth } = geometry;
  return padTop + padLeft === 0 && height <= inHeight && width <= inWidth;
}
