/**
 * The builder of programs, which rules call to add equations.
 * @module
 */
import {
  type Access,
  broadcastShape,
  broadcastTo,
  denseAccess,
  permute,
  sizeOf,
  sliceAccess,
} from "./access.ts";
import { type DType, type Values, valuesOf } from "./dtype.ts";
import {
  type ConstantVar,
  type ConvGeometry,
  type ConvKind,
  type DrawEquation,
  NOISE_WORDS,
  type Operand,
  type PoolKind,
  type ReduceFn,
  type TracedEquation,
  type Var,
} from "./equation.ts";
import { resultType, type ScalarFn } from "./scalar.ts";

/** Builder of a traced program. Its methods add equations and constants, and return their values. */
export class Builder {
  /** The equations so far. */
  readonly equations: TracedEquation[] = [];
  /** The constants so far. */
  readonly constants: ConstantVar[] = [];
  readonly #scalars = new Map<string, Var>();
  #noise: Var | undefined;
  #ids = 0;

  /** Makes a new value. */
  newVar(dtype: DType, shape: readonly number[]): Var {
    return { id: this.#ids++, dtype, shape: [...shape] };
  }

  /** Makes a value from elements that are known when the program is made. */
  constant(values: Values, dtype: DType, shape: readonly number[]): Var {
    const out = this.newVar(dtype, shape);
    this.constants.push({ out, values });
    return out;
  }

  /** Makes a value from a number. Equal numbers share one value. */
  scalar(value: number, dtype: DType = "float32"): Var {
    const values = valuesOf(dtype, [value]);
    const key = `${dtype} ${Object.is(values[0], -0) ? "-0" : values[0]}`;
    const known = this.#scalars.get(key);
    if (known) return known;
    const made = this.constant(values, dtype, []);
    this.#scalars.set(key, made);
    return made;
  }

  /** Applies a scalar function elementwise, with broadcasting; a number is of the other operands' type. */
  map(fn: ScalarFn, ...args: readonly (Var | number)[]): Var {
    const like = args.findLast((arg) => typeof arg !== "number")?.dtype ?? "float32";
    const vars = args.map((arg) => typeof arg === "number" ? this.scalar(arg, like) : arg);
    const shape = broadcastShape(vars.map((v) => v.shape));
    const out = this.newVar(resultType(fn, vars.map((v) => v.dtype)), shape);
    const inputs = vars.map((v) => read(v, broadcastTo(denseAccess(v.shape), shape)));
    this.equations.push({ op: "map", fn, inputs, out });
    return out;
  }

  /** Combines elements along axes. The result has length 1 there if `keepDims`, else it has no such axes. */
  reduce(fn: ReduceFn, input: Var, axes: readonly number[], keepDims = false): Var {
    const drop = new Set(axes);
    const kept = input.shape.filter((_, d) => !drop.has(d));
    const out = this.newVar(input.dtype, kept);
    this.equations.push({ op: "reduce", fn, inputs: [read(input)], axes: [...axes], out });
    return keepDims ? this.reshape(out, input.shape.map((n, d) => drop.has(d) ? 1 : n)) : out;
  }

  /** Makes a view of a value, with a name for printing. */
  view(name: string, input: Var, access: Access): Var {
    const out = this.newVar(input.dtype, access.shape);
    this.equations.push({ op: "view", name, inputs: [read(input, access)], out });
    return out;
  }

  /** Reads the same elements under another shape. */
  reshape(input: Var, shape: readonly number[]): Var {
    return this.view("reshape", input, denseAccess(shape));
  }

  /** Puts the dimensions of a value in another order. */
  transpose(input: Var, permutation: readonly number[]): Var {
    return this.view("transpose", input, permute(denseAccess(input.shape), permutation));
  }

  /** Repeats a value up to a shape. */
  broadcast(input: Var, shape: readonly number[]): Var {
    return this.view("broadcast", input, broadcastTo(denseAccess(input.shape), shape));
  }

  /** Cuts a box out of a value. */
  slice(
    input: Var,
    box: {
      readonly begin: readonly number[];
      readonly size: readonly number[];
      readonly steps?: readonly number[];
    },
  ): Var {
    return this.view("slice", input, sliceAccess(denseAccess(input.shape), box));
  }

  /** Multiplies `[batch, m, k]` by `[batch, k, n]`; a batch of 1 is repeated. */
  matmul(
    a: Var,
    b: Var,
    { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
  ): Var {
    const batch = Math.max(a.shape[0]!, b.shape[0]!);
    const m = a.shape[transposeA ? 2 : 1]!;
    const n = b.shape[transposeB ? 1 : 2]!;
    const out = this.newVar("float32", [batch, m, n]);
    const inputs = [read(a), read(b)] as const;
    this.equations.push({ op: "matmul", inputs, transposeA, transposeB, out });
    return out;
  }

  /** Computes a convolution or one of its gradients. */
  conv(kind: ConvKind, operands: readonly [Var, Var], geometry: ConvGeometry): Var {
    const out = this.newVar("float32", convShape(kind, geometry));
    const inputs = [read(operands[0]), read(operands[1])] as const;
    this.equations.push({ op: "conv", kind, inputs, geometry, out });
    return out;
  }

  /** Computes a pooling of images. */
  pool(kind: PoolKind, images: Var, geometry: ConvGeometry): Var {
    const { batch, outHeight, outWidth, outChannels } = geometry;
    const out = this.newVar("float32", [batch, outHeight, outWidth, outChannels]);
    this.equations.push({ op: "pool", kind, inputs: [read(images)], geometry, out });
    return out;
  }

  /** Computes the gradient of a mean pooling with respect to its images. */
  avgPoolGradient(dy: Var, geometry: ConvGeometry): Var {
    const out = this.newVar("float32", convShape("conv2dInput", geometry));
    const inputs = [read(dy)] as const;
    this.equations.push({ op: "poolGradient", kind: "avg", inputs, geometry, out });
    return out;
  }

  /** Computes the gradient of a max pooling `y` with respect to its images `x`. */
  maxPoolGradient([dy, x, y]: readonly [dy: Var, x: Var, y: Var], geometry: ConvGeometry): Var {
    const out = this.newVar("float32", x.shape);
    const inputs = [read(dy), read(x), read(y)] as const;
    this.equations.push({ op: "poolGradient", kind: "max", inputs, geometry, out });
    return out;
  }

  /** Puts values into a larger one, each from an index on; the rest is `fill`. */
  assemble(parts: readonly Var[], { begins, fill = 0, dtype, shape }: {
    readonly begins: readonly (readonly number[])[];
    readonly fill?: number;
    readonly dtype: DType;
    readonly shape: readonly number[];
  }): Var {
    const out = this.newVar(dtype, shape);
    const inputs = parts.map((part) => read(part));
    this.equations.push({ op: "assemble", inputs, begins, fill, out });
    return out;
  }

  /** Draws random numbers from the program's generator. */
  draw(
    numbers: Pick<DrawEquation, "distribution" | "parameters" | "stream">,
    { dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] },
  ): Var {
    const state = this.#noise ??= this.newVar("int32", [NOISE_WORDS]);
    const out = this.newVar(dtype, shape);
    this.equations.push({ op: "draw", inputs: [read(state)], ...numbers, out });
    return out;
  }

  /** The state of the generator, an input of the program if it draws. */
  get noise(): Var | undefined {
    return this.#noise;
  }

  /** Picks slices of `[groups, length, inner]` by a list of int32 numbers: one for all groups, or one for each. */
  gather(x: Var, indices: Var): Var {
    const [groups, , inner] = x.shape as [number, number, number];
    const out = this.newVar(x.dtype, [groups, indices.shape.at(-1)!, inner]);
    this.equations.push({ op: "gather", inputs: [read(x), read(indices)], out });
    return out;
  }

  /** Adds up the rows of `[groups, rows, inner]` that have the same number in a list of int32. */
  segmentSum(x: Var, ids: Var, segments: number): Var {
    const [groups, , inner] = x.shape as [number, number, number];
    const out = this.newVar("float32", [groups, segments, inner]);
    this.equations.push({ op: "segmentSum", inputs: [read(x), read(ids)], out });
    return out;
  }

  /** Runs an ordinary kernel. */
  kernel(
    name: string,
    inputs: readonly (readonly [string, Var])[],
    { attrs, outs }: { readonly attrs: Readonly<Record<string, unknown>>; readonly outs: Var[] },
  ): readonly Var[] {
    this.equations.push({
      op: "kernel",
      name,
      inputNames: inputs.map(([inputName]) => inputName),
      inputs: inputs.map(([, value]) => read(value)),
      attrs,
      outs,
    });
    return outs;
  }
}

/** Reads a value through an access; by default densely. */
export function read(source: Var, access: Access = denseAccess(source.shape)): Operand {
  return { source, shape: access.shape, offset: access.offset, strides: access.strides };
}

/** Returns the shape of the array that a convolution computes. */
export function convShape(kind: ConvKind, g: ConvGeometry): number[] {
  if (kind === "conv2d") return [g.batch, g.outHeight, g.outWidth, g.outChannels];
  if (kind === "conv2dInput") return [g.batch, g.inHeight, g.inWidth, g.inChannels];
  return [g.filterHeight, g.filterWidth, g.inChannels, g.outChannels];
}

/** Tells whether a shape has no elements. */
export function isEmpty(shape: readonly number[]): boolean {
  return sizeOf(shape) === 0;
}
