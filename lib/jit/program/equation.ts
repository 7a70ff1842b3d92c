/**
 * The values and equations of programs: static single assignment over dense arrays.
 * @module
 */
import { type Access, sizeOf } from "./access.ts";
import { bytesPerElement, type DType, type Values } from "./dtype.ts";
import type { ScalarFn } from "./scalar.ts";

/** One value: assigned once, dense, row-major. */
export interface Var {
  /** Its number in the program, printed `%7`. */
  readonly id: number;
  /** The type of its elements. */
  readonly dtype: DType;
  /** Its shape, known when the function is traced. */
  readonly shape: readonly number[];
}

/** A value as one equation reads it. */
export interface Operand extends Access {
  /** The value that is read. */
  readonly source: Var;
}

/** A value known when the function is traced. */
export interface ConstantVar {
  /** The value's place in the program. */
  readonly out: Var;
  /** Its elements. */
  readonly values: Values;
}

/** A scalar function that is applied at every index of `out`. */
export interface MapEquation {
  readonly op: "map";
  readonly fn: ScalarFn;
  /** One operand for each argument, all of the shape of the result. */
  readonly inputs: readonly Operand[];
  readonly out: Var;
}

/** The operation by which a reduction combines elements. */
export type ReduceFn = "sum" | "prod" | "max" | "min";

/** A reduction: the elements along `axes` are combined, in order. */
export interface ReduceEquation {
  readonly op: "reduce";
  readonly fn: ReduceFn;
  readonly inputs: readonly [Operand];
  /** The dimensions that disappear. */
  readonly axes: readonly number[];
  readonly out: Var;
}

/** Another view of a value: transposed, broadcast, sliced, reversed or reshaped. */
export interface ViewEquation {
  readonly op: "view";
  /** The name under which the view is printed. */
  readonly name: string;
  readonly inputs: readonly [Operand];
  readonly out: Var;
}

/** The product of matrices `[batch, m, k] x [batch, k, n]`, either of them stored transposed. */
export interface MatmulEquation {
  readonly op: "matmul";
  readonly inputs: readonly [left: Operand, right: Operand];
  /** True if the left matrices are stored `[k, m]`. */
  readonly transposeA: boolean;
  /** True if the right matrices are stored `[n, k]`. */
  readonly transposeB: boolean;
  readonly out: Var;
}

/** Sizes of a two-dimensional convolution of `[batch, height, width, channels]`. */
export interface ConvGeometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  /** Rows from one window to the next. */
  readonly strideHeight: number;
  /** Columns from one window to the next. */
  readonly strideWidth: number;
  /** Rows from one element of a filter to the next. */
  readonly dilationHeight: number;
  /** Columns from one element of a filter to the next. */
  readonly dilationWidth: number;
  /** Rows of zeros above the image. */
  readonly padTop: number;
  /** Columns of zeros left of the image. */
  readonly padLeft: number;
}

/** The one of a convolution's three arrays that is computed from the other two. */
export type ConvKind = "conv2d" | "conv2dInput" | "conv2dFilter";

/** A convolution, or its gradient with respect to the images or the filter. */
export interface ConvEquation {
  readonly op: "conv";
  readonly kind: ConvKind;
  /**
   * The images and the filter. In a gradient, the result's gradient stands in place of the array that is
   * computed.
   */
  readonly inputs: readonly [Operand, Operand];
  readonly geometry: ConvGeometry;
  readonly out: Var;
}

/** The number that pooling takes from the pixels of a window. */
export type PoolKind = "max" | "avg";

/** A pooling of images; its `outChannels` are its `inChannels`. */
export interface PoolEquation {
  readonly op: "pool";
  readonly kind: PoolKind;
  readonly inputs: readonly [images: Operand];
  readonly geometry: ConvGeometry;
  readonly out: Var;
}

/** The gradient of a pooling with respect to its images. */
export interface PoolGradientEquation {
  readonly op: "poolGradient";
  readonly kind: PoolKind;
  /** The gradient of the result and, for a maximum, the images and the result. */
  readonly inputs: readonly [dy: Operand] | readonly [dy: Operand, x: Operand, y: Operand];
  readonly geometry: ConvGeometry;
  readonly out: Var;
}

/** Arrays that are put into a larger one: concatenation, stacking, padding. */
export interface AssembleEquation {
  readonly op: "assemble";
  readonly inputs: readonly Operand[];
  /** The index in the result of each input's first element. */
  readonly begins: readonly (readonly number[])[];
  /** The value of the elements that no input covers. */
  readonly fill: number;
  readonly out: Var;
}

/** The number of words of a generator's state: two of its key, two of the number of calls that have drawn. */
export const NOISE_WORDS = 4;

/** The distribution of random numbers. */
export type Distribution = "uniform" | "normal" | "truncatedNormal";

/**
 * Random numbers. Each depends only on the generator's state, the stream and its own index.
 *
 * Numbers of int32 are rounded as in TensorFlow.js: uniform ones toward 0, normal ones to the nearest.
 */
export interface DrawEquation {
  readonly op: "draw";
  /** Two words of the key and two that count the calls, as int32[4]. */
  readonly inputs: readonly [state: Operand];
  readonly distribution: Distribution;
  /** The bounds of uniform numbers, or the mean and the standard deviation of normal ones. */
  readonly parameters: readonly [number, number];
  /** The number of the draw in its call. */
  readonly stream: number;
  readonly out: Var;
}

/**
 * Slices that are picked by number: `[groups, length, inner]` by `[count]`, or by `[groups, count]`
 * with a list for each group, gives `[groups, count, inner]`.
 */
export interface GatherEquation {
  readonly op: "gather";
  /** The array and the indices. An index out of range is an error when the program runs. */
  readonly inputs: readonly [x: Operand, indices: Operand];
  readonly out: Var;
}

/** Rows that are added up by number: `[groups, rows, inner]` by `[rows]` gives `[groups, segments, inner]`. */
export interface SegmentSumEquation {
  readonly op: "segmentSum";
  /** The rows and their segments' numbers. A row with another number is left out. */
  readonly inputs: readonly [x: Operand, ids: Operand];
  readonly out: Var;
}

/** An ordinary kernel of the backend, for an operation without a rule. */
export interface KernelEquation {
  readonly op: "kernel";
  /** The kernel's name in the backend. */
  readonly name: string;
  /** The kernel's input names, one for each operand. */
  readonly inputNames: readonly string[];
  readonly inputs: readonly Operand[];
  /** The numbers and names that describe it besides its operands. */
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outs: readonly Var[];
}

/**
 * One scalar computation inside a loop. Its arguments are numbers: first the loop's inputs, then earlier
 * steps of the body.
 */
export interface ScalarStep {
  readonly fn: ScalarFn;
  /** The earlier values that it takes. */
  readonly args: readonly number[];
  /** The type of its last argument, which decides between float and int. */
  readonly dtype: DType;
}

/** A value of a loop's body that is written at every index. */
export interface Store {
  /** The number of a value of the body. */
  readonly value: number;
  readonly out: Var;
}

/** A value of a loop's body that is combined along some dimensions of the loop. */
export interface Reduction {
  readonly fn: ReduceFn;
  /** The number of a value of the body. */
  readonly value: number;
  /** One flag for each dimension of the loop: true if it is combined. */
  readonly reduced: readonly boolean[];
  readonly out: Var;
}

/** Fused elementwise work and reductions over one index space. */
export interface LoopEquation {
  readonly op: "loop";
  /** The index space. */
  readonly shape: readonly number[];
  /** The operands that are read at every index. */
  readonly inputs: readonly Operand[];
  /** The scalar functions that are computed at every index. */
  readonly body: readonly ScalarStep[];
  /** The values that are written at every index. */
  readonly stores: readonly Store[];
  /** The values that are combined along dimensions. */
  readonly reductions: readonly Reduction[];
}

/** Equations that can be part of a loop. */
export type FusibleEquation = MapEquation | ReduceEquation;

/** Equations that fusion leaves as they are; their operands are contiguous. */
export type StandaloneEquation =
  | MatmulEquation
  | ConvEquation
  | PoolEquation
  | PoolGradientEquation
  | AssembleEquation
  | DrawEquation
  | GatherEquation
  | SegmentSumEquation
  | KernelEquation;

/** An equation of a program without views. */
export type SimpleEquation = FusibleEquation | StandaloneEquation;

/** An equation of a program as it was traced. */
export type TracedEquation = SimpleEquation | ViewEquation;

/** An equation of a program after fusion. */
export type FusedEquation = LoopEquation | StandaloneEquation;

/** An equation of a program that is emitted as straight-line code. */
export type TinyEquation = FusibleEquation | MatmulEquation;

/** An equation of a program at any stage. */
export type Equation = TracedEquation | FusedEquation;

/** Tells whether an equation can be part of a loop. */
export function isFusible(equation: SimpleEquation): equation is FusibleEquation {
  return equation.op === "map" || equation.op === "reduce";
}

/** Lists the values that an equation defines. */
export function resultsOf(equation: Equation): readonly Var[] {
  if (equation.op === "kernel") return equation.outs;
  if (equation.op !== "loop") return [equation.out];
  return [...equation.stores, ...equation.reductions].map(({ out }) => out);
}

/** Counts the bytes of a value. */
export function bytesOf(value: Var): number {
  return sizeOf(value.shape) * bytesPerElement(value.dtype);
}
