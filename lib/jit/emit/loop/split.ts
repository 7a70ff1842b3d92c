/**
 * Decides how a loop is cut into parts.
 * @module
 */
import { sizeOf } from "../../program/access.ts";
import type { LoopEquation, Reduction } from "../../program/equation.ts";
import { cut } from "../parts/stage.ts";

/** A dimension of a loop that is cut into runs, one for each part. */
export interface Split {
  readonly dimension: number;
  /** The number of indices in a run; the last run may be shorter. */
  readonly size: number;
  readonly parts: number;
}

/** The least work of a part, in operations on single elements: about ten microseconds. */
const PART_OPERATIONS = 40_000;

/** The number of floats in a cache line. A run of the innermost dimension consists of whole cache lines. */
const LINE = 16;

/** Chooses the first dimension that can be cut. Returns undefined if the loop is too small, or there is none. */
export function splitOf(loop: LoopEquation): Split | undefined {
  const { shape, inputs, body, stores, reductions } = loop;
  const perElement = inputs.length + body.length + stores.length + reductions.length;
  const parts = Math.floor(sizeOf(shape) * perElement / PART_OPERATIONS);
  if (parts < 2) return undefined;
  const splits = shape.flatMap((length, dimension) => {
    if (length === 1 || !isAllowed(loop, dimension)) return [];
    const step = dimension === shape.length - 1 ? LINE : 1;
    const { parts: found, size } = cut(length, { parts, step });
    return found > 1 ? [{ dimension, size, parts: found }] : [];
  });
  return splits[0];
}

/**
 * Tells whether every reduction allows a dimension to be cut.
 *
 * A reduction that keeps the dimension must combine all dimensions before it, so that the results of a part lie
 * together in memory. A reduction that combines the dimension makes partial results: the dimensions before it
 * must have length 1, and there must be far fewer partial results than elements of the loop.
 */
function isAllowed({ shape, reductions }: LoopEquation, dimension: number): boolean {
  return reductions.every((reduction) => {
    const { reduced, out } = reduction;
    const isFirst = shape.slice(0, dimension).every((length, d) => length === 1 || reduced[d]);
    if (!reduced[dimension]) return isFirst;
    const outside = sizeOf(shape.slice(0, dimension));
    return outside === 1 && 8 * MOST_PARTIAL * sizeOf(out.shape) <= sizeOf(shape);
  });
}

/** The largest number of parts that make partial results. */
const MOST_PARTIAL = 16;

/** Tells whether each part makes partial results of a reduction. They are combined after all parts are done. */
export function isPartial({ reduced }: Reduction, split: Split | undefined): boolean {
  return split !== undefined && reduced[split.dimension]!;
}
