/**
 * Code for each kind of equation of a fused program, and the size of its working memory.
 * @module
 */
import type {
  ConvEquation,
  FusedEquation,
  KernelEquation,
  MatmulEquation,
  PoolEquation,
  PoolGradientEquation,
} from "../program/equation.ts";
import { type Callee, i32, v128 } from "../wasm/mod.ts";
import { emitAssemble } from "./assemble.ts";
import { convScratch, emitConv } from "./conv/mod.ts";
import { emitPool, emitPoolGradient } from "./conv/pool.ts";
import { emitDraw } from "./draw/mod.ts";
import { emitGather, emitSegmentSum, segmentSumScratch } from "./gather.ts";
import { emitLoop, loopScratch } from "./loop/loop.ts";
import { emitMatmul, matmulScratch, type MatmulShape } from "./matmul/mod.ts";
import { addressOfOperand, type EquationPlaces } from "./loop/memory.ts";
import type { CodeContext } from "./loop/scalar.ts";

/** The function that is being built, and the imports that equations may call. */
export interface StepContext extends CodeContext {
  /** The import that computes a product with a native library, if there is one. */
  readonly sgemm: Callee | undefined;
  /** Returns the import that throws a RangeError; it takes an index and the length that the index must be below. */
  refuseIndex(): Callee;
  /** Returns the import that runs an ordinary kernel. */
  kernel(equation: KernelEquation): { readonly callee: Callee; readonly index: number };
}

/** Counts the bytes of working memory that an equation needs. */
export function scratchOf(equation: FusedEquation, blas: boolean): number {
  switch (equation.op) {
    case "loop":
      return loopScratch(equation);
    case "matmul":
      return matmulScratch(matmulShape(equation), blas);
    case "conv":
      return convScratch(equation.kind, equation.geometry);
    case "pool":
    case "poolGradient":
    case "assemble":
    case "draw":
    case "gather":
    case "kernel":
      return 0;
    case "segmentSum":
      return segmentSumScratch(equation);
    default:
      return equation satisfies never;
  }
}

/** Writes the code of one equation. */
export function emitEquation(
  context: StepContext,
  equation: FusedEquation,
  places: EquationPlaces,
): void {
  switch (equation.op) {
    case "loop":
      return emitLoop(context, equation, places);
    case "matmul":
      return matmul(context, equation, places);
    case "conv":
      return convolution(context, equation, places);
    case "pool":
      return pool(context, equation, places);
    case "poolGradient":
      return poolGradient(context, equation, places);
    case "assemble":
      return emitAssemble(context.f, equation, places.layout);
    case "draw":
      return emitDraw(context.f, equation, places.layout);
    case "gather":
      return emitGather(context.f, equation, { ...places, refuse: context.refuseIndex() });
    case "segmentSum":
      return emitSegmentSum(context.f, equation, places);
    case "kernel": {
      const { callee, index } = context.kernel(equation);
      return context.f.do(callee, i32.const(index));
    }
    default:
      return equation satisfies never;
  }
}

/** Copies bytes; both ends have room up to a multiple of 16. */
export function emitCopy(
  { f }: CodeContext,
  { from, to, bytes }: { readonly from: number; readonly to: number; readonly bytes: number },
): void {
  f.loop({ to: bytes, step: 16 }, (i) => f.store.v128(i, v128.load(i, from), to));
}

function matmul(
  context: StepContext,
  equation: MatmulEquation,
  { layout, scratch }: EquationPlaces,
): void {
  const { inputs: [a, b], out } = equation;
  const shape = matmulShape(equation);
  const { m, n, k } = shape;
  emitMatmul(context.f, {
    ...shape,
    a: addressOfOperand(layout, a),
    b: addressOfOperand(layout, b),
    out: layout.addressOf(out),
    strideA: a.shape[0] === 1 ? 0 : m * k * 4,
    strideB: b.shape[0] === 1 ? 0 : k * n * 4,
    scratch,
  }, context.sgemm);
}

function convolution(context: StepContext, equation: ConvEquation, places: EquationPlaces): void {
  const { layout, scratch } = places;
  const { kind, geometry } = equation;
  const [a, b] = equation.inputs.map((operand) => addressOfOperand(layout, operand)) as [
    number,
    number,
  ];
  const out = layout.addressOf(equation.out);
  const arrays = {
    conv2d: { images: a, filter: b, places: out },
    conv2dInput: { images: out, filter: b, places: a },
    conv2dFilter: { images: a, filter: out, places: b },
  }[kind];
  emitConv(context.f, { kind, geometry, scratch, ...arrays }, context.sgemm);
}

function pool(
  { f }: StepContext,
  { kind, inputs: [images], geometry, out }: PoolEquation,
  { layout }: EquationPlaces,
): void {
  const x = addressOfOperand(layout, images);
  emitPool(f, { geometry, kind, x, out: layout.addressOf(out) });
}

/** Writes the gradient of a pooling; that of a mean reads neither the images nor the result. */
function poolGradient(
  { f }: StepContext,
  { kind, inputs, geometry, out }: PoolGradientEquation,
  { layout }: EquationPlaces,
): void {
  const [dy, x = 0, y = dy] = inputs.map((operand) => addressOfOperand(layout, operand));
  emitPoolGradient(f, { geometry, kind, x, y: y!, dy: dy!, out: layout.addressOf(out) });
}

function matmulShape({ inputs: [a], transposeA, transposeB, out }: MatmulEquation): MatmulShape {
  const [batch, m, n] = out.shape as [number, number, number];
  return { batch, m, n, k: a.shape[transposeA ? 1 : 2]!, transposeA, transposeB };
}
