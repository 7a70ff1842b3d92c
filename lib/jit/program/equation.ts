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

/** Applies a scalar function at every index of `out`. */
export interface MapEquation {
  /** The kind of equation. */
  readonly op: "map";
  /** The scalar function. */
  readonly fn: ScalarFn;
  /** One operand for each argument, all of the shape of the result. */
  readonly inputs: readonly Operand[];
  /** The value that it defines. */
  readonly out: Var;
}

/** How a reduction combines elements. */
export type ReduceFn = "sum" | "prod" | "max" | "min";

/** Combines the elements along `axes`, in order. */
export interface ReduceEquation {
  /** The kind of equation. */
  readonly op: "reduce";
  /** How elements are combined. */
  readonly fn: ReduceFn;
  /** What is combined. */
  readonly input: Operand;
  /** The dimensions that disappear. */
  readonly axes: readonly number[];
  /** The value that it defines. */
  readonly out: Var;
}

/** Another view of a value: transposed, broadcast, sliced, reversed or reshaped. */
export interface ViewEquation {
  /** The kind of equation. */
  readonly op: "view";
  /** What the view is called when printed. */
  readonly name: string;
  /** What is viewed, and how. */
  readonly input: Operand;
  /** The value that it defines. */
  readonly out: Var;
}

/** The product of matrices `[batch, m, k] x [batch, k, n]`, either of them stored transposed. */
export interface MatmulEquation {
  /** The kind of equation. */
  readonly op: "matmul";
  /** The left operand. */
  readonly a: Operand;
  /** The right operand. */
  readonly b: Operand;
  /** Whether the left matrices are stored `[k, m]`. */
  readonly transposeA: boolean;
  /** Whether the right matrices are stored `[n, k]`. */
  readonly transposeB: boolean;
  /** The value that it defines. */
  readonly out: Var;
}

/** Sizes of a two-dimensional convolution of `[batch, height, width, channels]`. */
export interface ConvGeometry {
  /** How many images there are. */
  readonly batch: number;
  /** Rows of an input image. */
  readonly inHeight: number;
  /** Columns of an input image. */
  readonly inWidth: number;
  /** Channels of an input image. */
  readonly inChannels: number;
  /** Rows of an output image. */
  readonly outHeight: number;
  /** Columns of an output image. */
  readonly outWidth: number;
  /** Channels of an output image. */
  readonly outChannels: number;
  /** Rows of a filter. */
  readonly filterHeight: number;
  /** Columns of a filter. */
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

/** Which of a convolution's three arrays is computed from the other two. */
export type ConvKind = "conv2d" | "conv2dInput" | "conv2dFilter";

/** A convolution, or its gradient by the input or by the filter. */
export interface ConvEquation {
  /** The kind of equation. */
  readonly op: "conv";
  /** Which array is computed. */
  readonly kind: ConvKind;
  /** The input, or the gradient of the output. */
  readonly a: Operand;
  /** The filter, or the gradient of the output for the filter's gradient. */
  readonly b: Operand;
  /** The sizes. */
  readonly geometry: ConvGeometry;
  /** The value that it defines. */
  readonly out: Var;
}

/** A loop nest of its own, such as a pooling or a gather; `name` finds its emitter. */
export interface NestEquation {
  /** The kind of equation. */
  readonly op: "nest";
  /** What finds its emitter. */
  readonly name: string;
  /** Its operands, each contiguous. */
  readonly inputs: readonly Operand[];
  /** The numbers that describe it, by name. */
  readonly attrs: NestAttrs;
  /** The value that it defines. */
  readonly out: Var;
}

/** What describes a nest besides its operands. */
export type NestAttrs = Readonly<Record<string, number | boolean | readonly number[]>>;

/** An ordinary kernel of the backend, for what has no rule. */
export interface KernelEquation {
  /** The kind of equation. */
  readonly op: "kernel";
  /** The kernel's name in the backend. */
  readonly name: string;
  /** The kernel's input names, one for each operand. */
  readonly inputNames: readonly string[];
  /** Its operands, each contiguous. */
  readonly inputs: readonly Operand[];
  /** What describes it besides its operands. */
  readonly attrs: Readonly<Record<string, unknown>>;
  /** The values that it defines. */
  readonly outs: readonly Var[];
}

/** One scalar computation inside a loop; arguments count the reads first, then the earlier body. */
export interface ScalarStep {
  /** The scalar function. */
  readonly fn: ScalarFn;
  /** Which earlier values it takes. */
  readonly args: readonly number[];
  /** The type of its last argument, which decides between float and int. */
  readonly dtype: DType;
}

/** A value of a loop's body that is written at every index. */
export interface Store {
  /** Which value of the body. */
  readonly value: number;
  /** The value that it defines. */
  readonly out: Var;
}

/** A value of a loop's body that is combined along some dimensions of the loop. */
export interface Reduction {
  /** How elements are combined. */
  readonly fn: ReduceFn;
  /** Which value of the body. */
  readonly value: number;
  /** For each dimension of the loop, whether it is combined. */
  readonly reduced: readonly boolean[];
  /** The value that it defines. */
  readonly out: Var;
}

/** Fused elementwise work and reductions over one index space. */
export interface LoopEquation {
  /** The kind of equation. */
  readonly op: "loop";
  /** The index space. */
  readonly shape: readonly number[];
  /** What is read at every index. */
  readonly reads: readonly Operand[];
  /** What is computed at every index. */
  readonly body: readonly ScalarStep[];
  /** What is written at every index. */
  readonly stores: readonly Store[];
  /** What is combined along dimensions. */
  readonly reductions: readonly Reduction[];
}

/** One step of a program. */
export type Equation =
  | MapEquation
  | ReduceEquation
  | ViewEquation
  | MatmulEquation
  | ConvEquation
  | NestEquation
  | KernelEquation
  | LoopEquation;

/** A variable's value at the end of the program. */
export interface Assign {
  /** Which of the program's variables. */
  readonly variable: number;
  /** Its new value, dense. */
  readonly value: Operand;
}

/** The parts of a program. */
export interface ProgramParts {
  /** One value for each tensor among the arguments. */
  readonly inputs: readonly Var[];
  /** The value of each variable when the program starts. */
  readonly variables: readonly Var[];
  /** The values known at the time of tracing. */
  readonly constants: readonly ConstantVar[];
  /** The work, each step after those it reads. */
  readonly equations: readonly Equation[];
  /** The results, dense. */
  readonly outputs: readonly Operand[];
  /** The variables that change, at the very end and all at once. */
  readonly assigns: readonly Assign[];
}

/** The operands that an equation reads. */
export function operandsOf(equation: Equation): readonly Operand[] {
  switch (equation.op) {
    case "map":
    case "nest":
    case "kernel":
      return equation.inputs;
    case "reduce":
    case "view":
      return [equation.input];
    case "matmul":
    case "conv":
      return [equation.a, equation.b];
    case "loop":
      return equation.reads;
    default:
      return equation satisfies never;
  }
}

/** The values that an equation defines. */
export function resultsOf(equation: Equation): readonly Var[] {
  switch (equation.op) {
    case "kernel":
      return equation.outs;
    case "loop":
      return [...equation.stores, ...equation.reductions].map(({ out }) => out);
    default:
      return [equation.out];
  }
}

/** The bytes of a value. */
export function bytesOf(value: Var): number {
  return sizeOf(value.shape) * bytesPerElement(value.dtype);
}
