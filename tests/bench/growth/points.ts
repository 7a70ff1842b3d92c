/** Points of the growth curves: sizes of a network, numbers of threads, and numbers of kernels. */

import { Random } from "../../../lib/data/mod.ts";
import { initialValues, pixels } from "../workloads.ts";

/** Network 784-width-...-1 and its batch. */
export interface DensePoint {
  /** Number of rows in a batch. */
  readonly batch: number;
  /** Number of units of each hidden layer. */
  readonly width: number;
  /** Number of dense layers, the last included. */
  readonly depth: number;
}

/** Names of the curves. */
export const curveNames = ["batch", "width", "depth", "threads", "kernels"] as const;

/** Name of a curve. */
export type CurveName = typeof curveNames[number];

/** Curve over sizes of the network. */
export type SizeCurve = "batch" | "width" | "depth";

/** Network at which each curve over sizes starts from, and the sizes that change. */
export interface Sweep {
  /** Sizes that stay the same. */
  readonly base: DensePoint;
  /** Values of the size that changes. */
  readonly values: readonly number[];
}

const sweeps: Readonly<Record<SizeCurve, Sweep>> = {
  batch: { base: { batch: 64, width: 256, depth: 2 }, values: [1, 4, 16, 64, 256, 1024] },
  width: { base: { batch: 64, width: 256, depth: 2 }, values: [16, 64, 256, 1024, 2048] },
  depth: { base: { batch: 64, width: 64, depth: 2 }, values: [2, 5, 10, 20, 40] },
};

/** Returns a curve's sizes; for a smoke run only two values. */
export function sweepOf(curve: SizeCurve, quick: boolean): Sweep {
  const { base, values } = sweeps[curve];
  return { base, values: quick ? [values[0]!, values[2]!] : values };
}

/** Network of the curve over threads. */
export const threadsPoint: DensePoint = { batch: 256, width: 256, depth: 2 };

/** Lists the numbers of threads of a curve: powers of two, and all cores. */
export function threadSteps(cores: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(cores)) + 1 }, (_, i) => 2 ** i);
  return [...new Set([...powers, cores])];
}

/** Programs of many kernels, by name: the requests that open them, from small to large. */
export function kernelPrograms(quick: boolean): Readonly<Record<string, readonly string[]>> {
  const upTo = (values: readonly number[]) => quick ? values.slice(0, 3) : values;
  return {
    "training step of a deep network": upTo([1, 2, 5, 12, 30, 60, 110, 190])
      .map((depth) => `dense:8:16:${depth}`),
    "chain of operations on 4 numbers": upTo([33, 133, 333, 800, 2_000, 4_000, 6_667])
      .map((length) => `chain:${length}`),
  };
}

/** Shapes of the parameters of a network in TensorFlow.js's layout. */
export function denseShapes(width: number, depth: number): number[][] {
  const sizes = [pixels, ...Array<number>(depth - 1).fill(width), 1];
  return sizes.slice(1).flatMap((to, i) => [[sizes[i]!, to], [to]]);
}

/** Number of updates in a check of the dense step. */
export const checkUpdates = 6;

/** Makes the numbers of a check: all parameters, then the batch of each update. */
export function denseCheckValues({ batch, width, depth }: DensePoint): Float32Array<ArrayBuffer> {
  const rng = new Random(1), weights = initialValues(denseShapes(width, depth), rng);
  const values = new Float32Array(weights.length + checkUpdates * batch * pixels);
  values.set(weights);
  for (let i = weights.length; i < values.length; i++) values[i] = rng.uniform();
  return values;
}

/** Returns the request that opens a network. */
export function requestOf({ batch, width, depth }: DensePoint): string {
  return `dense:${batch}:${width}:${depth}`;
}
