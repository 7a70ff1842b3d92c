/**
 * Index spaces as factorizations of a size: two shapes that have a common refinement can share a loop.
 *
 * `[64, 200]` and `[12800]` have the common refinement `[64, 200]`; `[2, 3]` and `[3, 2]` have none.
 * @module
 */
import { type Access, matchGroups, reshapeAccess } from "../program/access.ts";

/** The numbers of elements that follow each place where a shape may be split, outermost first. */
export type Cuts = readonly number[];

/** Lists the cuts of a shape: the sizes of its inner parts, without 1 and the whole size. */
export function cutsOf(shape: readonly number[]): Cuts {
  const cuts: number[] = [];
  let inner = 1;
  for (const length of shape.toReversed()) {
    if (inner > 1 && cuts[0] !== inner) cuts.unshift(inner);
    inner *= length;
  }
  return cuts[0] === inner ? cuts.slice(1) : cuts;
}

/** Joins the cuts of two shapes to those of their common refinement; undefined if there is none. */
export function refine(a: Cuts, b: Cuts): Cuts | undefined {
  const both = [...new Set([...a, ...b])].sort((x, y) => y - x);
  const nested = both.every((cut, i) => i === 0 || both[i - 1]! % cut === 0);
  return nested ? both : undefined;
}

/** Returns the shape that has these cuts. */
export function shapeOf(cuts: Cuts, size: number): number[] {
  if (size === 1) return [];
  return [...cuts, 1].map((cut, i) => (i === 0 ? size : cuts[i - 1]!) / cut);
}

/** Rewrites an access for a refinement of its shape; splitting dimensions keeps it affine. */
export function refineAccess(access: Access, shape: readonly number[]): Access {
  const refined = reshapeAccess(access, shape);
  if (!refined) throw new Error(`internal: [${access.shape}] is not refined by [${shape}]`);
  return refined;
}

/** Marks the dimensions of a refinement that are parts of the given axes. */
export function refineAxes(
  shape: readonly number[],
  axes: readonly number[],
  refined: readonly number[],
): boolean[] {
  const flags = new Array<boolean>(refined.length).fill(false);
  for (const { from, to } of matchGroups(shape, refined)) {
    const marked = axes.some((axis) => axis >= from.begin && axis < from.end && shape[axis] !== 1);
    for (let d = to.begin; d < to.end; d++) flags[d] = marked;
  }
  return flags;
}
