/**
 * Clusters: equations that fusion has found to run together.
 * @module
 */
import type { SimpleEquation } from "../program/equation.ts";
import type { Cuts } from "./factor.ts";

/** Equations that run together; those that cannot be fused are alone in theirs. */
export interface Cluster {
  /** The equations with their places in the program. */
  readonly members: { readonly at: number; readonly equation: SimpleEquation }[];
  /** The index space, or undefined for what is no loop. */
  space: { readonly size: number; readonly cuts: Cuts } | undefined;
  /** The clusters whose values it reads. */
  readonly needs: Set<Cluster>;
  /** The axes that its reductions combine, in terms of cuts; all its reductions have the same. */
  reduced: string | undefined;
}
