/**
 * Code for each kind of equation of a fused program, and the size of its working memory.
 * @module
 */
import type {
  ConvEquation,
  ConvGeometry,
  DrawEquation,
  FusedEquation,
  KernelEquation,
  MatmulEquation,
  Operand,
  PoolEquation,
  PoolGradientEquation,
  Var,
} from "../program/equation.ts";
import { i32, type Int, v128 } from "../wasm/mod.ts";
import { emitAssemble } from "./assemble.ts";
import { placesOf } from "./conv/geometry.ts";
import { convPartScratch, convStages } from "./conv/parts.ts";
import { emitPool, emitPoolGradient } from "./conv/pool.ts";
import { drawParts, emitDraw } from "./draw/mod.ts";
import { emitGather, emitSegmentSum, segmentSumScratch } from "./gather.ts";
import { loopScratch, loopStages } from "./loop/loop.ts";
import { emitMatmul, matmulParts, matmulScratch, type MatmulShape } from "./matmul/mod.ts";
import { addressOfOperand, type EquationPlaces, type Layout } from "./loop/memory.ts";
import {
  type BatchCut,
  bySize,
  type CodeContext,
  cutBatch,
  NO_SCRATCH,
  type Scratch,
  type Stage,
  type StepContext,
} from "./parts/stage.ts";

/** Counts the bytes of working memory that an equation needs. */
export function scratchOf(equation: FusedEquation, blas: boolean): Scratch {
  switch (equation.op) {
    case "loop":
      return { shared: loopScratch(equation), own: 0 };
    case "matmul":
      return { shared: 0, own: matmulScratch(matmulShape(equation), blas) };
    case "conv":
      return convPartScratch(equation.kind, equation.geometry);
    case "pool":
    case "poolGradient":
    case "assemble":
    case "draw":
    case "gather":
    case "kernel":
      return NO_SCRATCH;
    case "segmentSum":
      return { shared: segmentSumScratch(equation), own: 0 };
    default:
      return equation satisfies never;
  }
}

/** Returns the stages of one equation. */
export function stagesOf(equation: FusedEquation, places: EquationPlaces): Stage[] {
  switch (equation.op) {
    case "loop":
      return loopStages(equation, places);
    case "matmul":
      return [matmul(equation, places)];
    case "conv":
      return convolution(equation, places);
    case "pool":
      return [pool(equation, places)];
    case "poolGradient":
      return [poolGradient(equation, places)];
    case "assemble":
      return [alone("assemble", ({ f }) => emitAssemble(f, equation, places.layout))];
    case "draw":
      return [draw(equation, places)];
    case "gather": {
      const emit = ({ f, refuseIndex }: StepContext) =>
        emitGather(f, equation, { ...places, refuse: refuseIndex() });
      return [{ ...alone("gather", emit), isOwn: true }];
    }
    case "segmentSum":
      return [alone("segment sum", ({ f }) => emitSegmentSum(f, equation, places))];
    case "kernel":
      return [{ ...alone(equation.name, (context) => emitKernel(context, equation)), isOwn: true }];
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

/** Makes a stage that has only one part. */
function alone(name: string, emit: (context: StepContext) => void): Stage {
  return { name, parts: 1, emit };
}

function emitKernel({ f, kernel }: StepContext, equation: KernelEquation): void {
  const { callee, index } = kernel(equation);
  f.do(callee, i32.const(index));
}

function draw(equation: DrawEquation, { layout }: EquationPlaces): Stage {
  return {
    name: `draw ${equation.stream}`,
    parts: drawParts(equation),
    emit: ({ f }, { part }) => emitDraw(f, equation, { layout, part }),
  };
}

function matmul(equation: MatmulEquation, { layout, own }: EquationPlaces): Stage {
  const { inputs: [a, b], out } = equation;
  const shape = matmulShape(equation);
  const { m, n, k } = shape;
  const spec = {
    ...shape,
    a: addressOfOperand(layout, a),
    b: addressOfOperand(layout, b),
    out: layout.addressOf(out),
    strideA: a.shape[0] === 1 ? 0 : m * k * 4,
    strideB: b.shape[0] === 1 ? 0 : k * n * 4,
  };
  return {
    name: `product ${m}x${n}x${k}`,
    parts: matmulParts(shape),
    emit: ({ f, sgemm }, { part, thread }) =>
      emitMatmul(f, spec, { part, scratch: own(thread), sgemm }),
  };
}

function convolution(equation: ConvEquation, { layout, scratch, own }: EquationPlaces): Stage[] {
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
  return convStages({ kind, geometry, ...arrays }, { shared: scratch, own });
}

/** The least number of pixels that a part of a pooling reads; a pixel in several windows counts for each. */
const POOL_PIXELS = 40_000;

function poolCut(geometry: ConvGeometry): BatchCut {
  const { batch, outChannels, filterHeight, filterWidth } = geometry;
  const pixels = batch * placesOf(geometry) * outChannels * filterHeight * filterWidth;
  return cutBatch(batch, pixels / POOL_PIXELS);
}

function pool(
  { kind, inputs: [images], geometry, out }: PoolEquation,
  { layout }: EquationPlaces,
): Stage {
  const cut = poolCut(geometry);
  const at = addressesOfPart({ size: cut.size, geometry, layout });
  return {
    name: `${kind} pool`,
    parts: cut.parts,
    emit: ({ f }, { part }) => {
      const [x, to] = [at.images(images, part), at.places(out, part)];
      const write = (batch: number) =>
        emitPool(f, { geometry: { ...geometry, batch }, kind, x, out: to });
      bySize(f, { part, ...cut }, write);
    },
  };
}

/** Writes the gradient of a pooling; that of a mean reads neither the images nor the result. */
function poolGradient(
  { kind, inputs: [dy, x, y], geometry, out }: PoolGradientEquation,
  { layout }: EquationPlaces,
): Stage {
  const cut = poolCut(geometry);
  const at = addressesOfPart({ size: cut.size, geometry, layout });
  return {
    name: `${kind} pool gradient`,
    parts: cut.parts,
    emit: ({ f }, { part }) => {
      const memory = {
        x: x ? at.images(x, part) : 0,
        y: at.places(y ?? dy, part),
        dy: at.places(dy, part),
        out: at.images(out, part),
      };
      const write = (batch: number) =>
        emitPoolGradient(f, { geometry: { ...geometry, batch }, kind, ...memory });
      bySize(f, { part, ...cut }, write);
    },
  };
}

/** Returns functions that compute the addresses of a part's images, and of its places in the output. */
function addressesOfPart({ size, geometry, layout }: {
  /** The number of images in a part. */
  readonly size: number;
  readonly geometry: ConvGeometry;
  readonly layout: Layout;
}) {
  const { inHeight, inWidth, inChannels, outChannels } = geometry;
  const address = (value: Var | Operand, part: Int, floats: number) => {
    const first = "source" in value ? addressOfOperand(layout, value) : layout.addressOf(value);
    return i32.add(i32.mul(part, 4 * size * floats), first);
  };
  return {
    images: (value: Var | Operand, part: Int) =>
      address(value, part, inHeight * inWidth * inChannels),
    places: (value: Var | Operand, part: Int) =>
      address(value, part, placesOf(geometry) * outChannels),
  };
}

function matmulShape({ inputs: [a], transposeA, transposeB, out }: MatmulEquation): MatmulShape {
  const [batch, m, n] = out.shape as [number, number, number];
  return { batch, m, n, k: a.shape[transposeA ? 1 : 2]!, transposeA, transposeB };
}
