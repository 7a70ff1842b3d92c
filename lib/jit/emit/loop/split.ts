/**
 * The rule by which a loop is cut into parts.
 * @module
 */
import { sizeOf } from "../../program/access.ts";
import type { LoopEquation, Reduction } from "../../program/equation.ts";
import { cut } from "../parts/stage.ts";

/** A dimension of a loop that is cut into runs, one for each part. */
export interface Split {
  readonly dimension: number;
  /** The number of indices of a run; the last one may be shorter. */
  readonly size: number;
  readonly parts: number;
}

/** The work of a part, in operations on single elements: some ten microseconds. */
const PART_OPERATIONS = 40_000;

/** The indices of the innermost dimension in a run are a multiple of this: whole cache lines. */
const LINE = 16;

/** Chooses the dimension that is cut; undefined if the loop is too small. */
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
 * Tells whether a dimension may be cut. The dimensions before it must be combined by every reduction, so that
 * the elements of a part's result lie together; and partial results must be few beside the elements.
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

/** Partial results take part in the sums of all parts: this many times at most. */
const MOST_PARTIAL = 16;

/** Tells whether each part of a reduction makes a partial result, which are combined after all parts. */
export function isPartial({ reduced }: Reduction, split: Split | undefined): boolean {
  return split !== undefined && reduced[split.dimension]!;
}
