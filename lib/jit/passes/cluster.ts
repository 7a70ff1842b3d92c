/**
 * Clusters: equations that fusion has found to run together.
 * @module
 */
import type { SimpleEquation } from "../program/equation.ts";
import type { Cuts } from "./factor.ts";

/** Equations that run together. An equation that cannot be fused has a cluster of its own. */
export interface Cluster {
  /** The equations with their places in the program. */
  readonly members: { readonly at: number; readonly equation: SimpleEquation }[];
  /** The index space of the loop; undefined if it is no loop. */
  space: { readonly size: number; readonly cuts: Cuts } | undefined;
  /** The clusters whose values it reads. */
  readonly needs: Set<Cluster>;
  /** The clusters that read its values. */
  readonly neededBy: Set<Cluster>;
  /** The axes that its reductions combine, as spans of elements; equal for all its reductions. */
  reduced: string | undefined;
}
