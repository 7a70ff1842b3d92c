/**
 * Rules for resizing images and its gradients: nearest neighbour and bilinear, by any factor.
 *
 * Where each row and column comes from is known when the program is made, by the backend's own formulas; rows
 * and columns are picked, or added up, by number. The gradients do not know centred pixels, as in the backend.
 * @module
 */
import { denseStrides } from "../program/access.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { allFloat, type Call, input, type RuleTable } from "./rule.ts";

type Shape4 = readonly [number, number, number, number];

/** One direction of an image: its rows or its columns. */
interface Direction {
  /** 1 for rows, 2 for columns. */
  readonly axis: 1 | 2;
  /** Its length in the images that are resized. */
  readonly from: number;
  /** Its length in the result. */
  readonly to: number;
  /** The distance in the images between neighbours of the result. */
  readonly ratio: number;
  readonly isAligned: boolean;
  readonly isCentred: boolean;
}

function directionsOf(call: Call, images: Var, result: Var | Call["outs"][number]): Direction[] {
  const [isAligned, isCentred] = ["alignCorners", "halfPixelCenters"].map((key) =>
    !!call.attrs[key]
  );
  return ([1, 2] as const).map((axis) => {
    const [from, to] = [images, result].map(({ shape }) => shape[axis]!) as [number, number];
    const ratio = isAligned && to > 1 ? (from - 1) / (to - 1) : from / to;
    return { axis, from, to, ratio, isAligned: isAligned!, isCentred: isCentred! };
  });
}

function positions<T>({ to }: Direction, position: (i: number) => T): T[] {
  return Array.from({ length: to }, (_, i) => position(i));
}

/** Finds the pixel that each pixel of the result is a copy of. */
function nearest(direction: Direction): number[] {
  const { from, ratio, isAligned, isCentred } = direction;
  const round = isAligned ? Math.round : Math.floor;
  return positions(direction, (i) => Math.min(from - 1, round(ratio * (isCentred ? i + 0.5 : i))));
}

/** The two pixels between which each pixel of the result lies, and the distance from the first. */
interface Neighbours {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly fractions: readonly number[];
}

function neighbours(direction: Direction): Neighbours {
  const { from, ratio, isCentred } = direction;
  const exact = positions(direction, (i) => isCentred ? ratio * (i + 0.5) - 0.5 : ratio * i);
  const low = exact.map((place) => Math.max(0, Math.floor(place)));
  return {
    low,
    high: exact.map((place) => Math.min(from - 1, Math.ceil(place))),
    fractions: exact.map((place, i) => place - low[i]!),
  };
}

/** Reshapes `[n, h, w, c]` to `[groups, length, inner]` around its rows or columns. */
function grouped(b: Builder, x: Var, axis: 1 | 2): Var {
  const [n, h, w, c] = x.shape as Shape4;
  return b.reshape(x, axis === 1 ? [n, h, w * c] : [n * h, w, c]);
}

function ungrouped(b: Builder, x: Var, like: Var, { axis }: Direction): Var {
  return b.reshape(x, like.shape.map((n, d) => d === axis ? x.shape[1]! : n));
}

function numbers(b: Builder, list: readonly number[]): Var {
  return b.constant(Int32Array.from(list), "int32", [list.length]);
}

function picked(b: Builder, x: Var, list: readonly number[], direction: Direction): Var {
  const made = b.gather(grouped(b, x, direction.axis), numbers(b, list));
  return ungrouped(b, made, x, direction);
}

/** Adds up the rows or columns of a gradient at the pixels that they came from. */
function collected(b: Builder, dy: Var, list: readonly number[], direction: Direction): Var {
  const sums = b.segmentSum(grouped(b, dy, direction.axis), numbers(b, list), direction.from);
  return ungrouped(b, sums, dy, direction);
}

function along(b: Builder, list: readonly number[], { axis }: Direction): Var {
  const shape = [1, 1, 1, 1].map((n, d) => d === axis ? list.length : n);
  return b.constant(Float32Array.from(list), "float32", shape);
}

/** Finds the whole factors by which images grow; undefined if a factor is not a whole number. */
function factorsOf(directions: readonly Direction[]): number[] | undefined {
  const factors = directions.map(({ from, to }) => to / from);
  const isWhole = directions.every((direction, k) =>
    nearest(direction).every((source, i) => source === Math.floor(i / factors[k]!))
  );
  return isWhole && factors.every(Number.isInteger) ? factors : undefined;
}

/**
 * Resizes to the nearest pixel. By whole factors the result is a view `[n, h, rows, w, columns, c]` with two
 * strides of 0.
 */
function resizeNearest(b: Builder, call: Call): Var | undefined {
  const images = input(call, "images");
  const result = call.outs[0]!;
  if (images.dtype !== "float32") return undefined;
  const directions = directionsOf(call, images, result);
  const factors = factorsOf(directions);
  if (!factors) {
    return directions.reduce((x, to) => picked(b, x, nearest(to), to), images);
  }
  const [n, h, w, c] = images.shape as Shape4;
  const [s0, s1, s2] = denseStrides(images.shape) as [number, number, number];
  const [rows, columns] = factors as [number, number];
  const shape = [n, h, rows, w, columns, c];
  const view = b.view("upsample", images, { shape, offset: 0, strides: [s0, s1, 0, s2, 0, 1] });
  return b.reshape(view, result.shape);
}

function gradientDirections(call: Call): [dy: Var, directions: Direction[]] | undefined {
  const [images, dy] = [input(call, "images"), input(call, "dy")];
  if (!allFloat(dy)) return undefined;
  const directions = directionsOf(call, images, dy).map((to) => ({ ...to, isCentred: false }));
  return [dy, directions];
}

/** Computes the gradient: adds up the pixels of the result that came from one pixel. */
function nearestGradient(b: Builder, call: Call): Var | undefined {
  const [dy, directions] = gradientDirections(call) ?? [];
  if (!dy || !directions) return undefined;
  const factors = factorsOf(directions);
  if (!factors) return directions.reduce((x, to) => collected(b, x, nearest(to), to), dy);
  const [n, h, w, c] = input(call, "images").shape as Shape4;
  return b.reduce("sum", b.reshape(dy, [n, h, factors[0]!, w, factors[1]!, c]), [2, 4]);
}

/** Resizes bilinearly: first between columns, then between rows. */
function resizeBilinear(b: Builder, call: Call): Var | undefined {
  const images = input(call, "images");
  if (images.dtype !== "float32") return undefined;
  const directions = directionsOf(call, images, call.outs[0]!).reverse();
  return directions.reduce((x, direction) => {
    const { low, high, fractions } = neighbours(direction);
    const [first, second] = [low, high].map((list) => picked(b, x, list, direction));
    const step = b.map("mul", b.map("sub", second!, first!), along(b, fractions, direction));
    return b.map("add", first!, step);
  }, images);
}

function bilinearGradient(b: Builder, call: Call): Var | undefined {
  const [dy, directions] = gradientDirections(call) ?? [];
  if (!dy || !directions) return undefined;
  return directions.reduce((x, direction) => {
    const { low, high, fractions } = neighbours(direction);
    const near = fractions.map((fraction) => 1 - fraction);
    const [first, second] = ([[low, near], [high, fractions]] as const).map(([list, parts]) =>
      collected(b, b.map("mul", x, along(b, parts, direction)), list, direction)
    );
    return b.map("add", first!, second!);
  }, dy);
}

/** Rules for resizing, by the names of their kernels. */
export const RESIZES: RuleTable = {
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: bilinearGradient,
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: nearestGradient,
};
