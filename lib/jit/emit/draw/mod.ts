/**
 * Code that draws random numbers: sixteen at once, of four counters.
 *
 * Element `i` is lane `i % 4` of word `i / 4 % 4` of its sixteen; lane `k` of sixteen number `g` has the
 * counter `[4 * g + k, stream, calls, calls / 2 ** 32]`. Results have room up to a multiple of sixteen.
 * @module
 */
import { sizeOf } from "../../program/access.ts";
import type { Distribution, DrawEquation } from "../../program/equation.ts";
import {
  f32x4,
  f64x2,
  type FunctionBuilder,
  i32,
  i32x4,
  type Int,
  type Local,
  v128,
  type Vector,
} from "../../wasm/mod.ts";
import { cut, runOfPart } from "../parts/stage.ts";
import { addressOfOperand, type Layout } from "../loop/memory.ts";
import { normalPair, truncatedNormal } from "./normal.ts";
import { philox, type Words } from "./philox.ts";

const GROUP_BYTES = 64;

/** The least number of bytes of random numbers in a part. */
const PART_BYTES = 16384;

function cutOf({ out }: DrawEquation) {
  const bytes = Math.ceil(sizeOf(out.shape) * 4 / GROUP_BYTES) * GROUP_BYTES;
  return { bytes, ...cut(bytes, { parts: Math.floor(bytes / PART_BYTES), step: GROUP_BYTES }) };
}

/** Counts the parts of a draw. */
export function drawParts(equation: DrawEquation): number {
  return cutOf(equation).parts;
}

/** Writes the code of a part of a draw. */
export function emitDraw(
  f: FunctionBuilder,
  equation: DrawEquation,
  { layout, part }: { readonly layout: Layout; readonly part: Int },
): void {
  const { inputs: [state], stream, out } = equation;
  const at = addressOfOperand(layout, state);
  const to = layout.addressOf(out);
  const { bytes, size } = cutOf(equation);
  f.scope(() => {
    const [k0, k1, low, high] = [0, 4, 8, 12].map((word) => f.let(v128.load32Splat(at, word)));
    const run = runOfPart(f, { part, size, length: bytes });
    f.loop({ ...run, step: GROUP_BYTES }, (i) => {
      const blocks = i32x4.add(i32x4.splat(i32.shrU(i, 4)), i32x4.const(0, 1, 2, 3));
      const words = philox(f, [blocks, i32x4.const(stream), low!, high!], [k0!, k1!]);
      numbersOf(f, words, equation).forEach((numbers, word) => {
        f.store.v128(i, numbers, to + 16 * word);
      });
    });
  });
}

function numbersOf(
  f: FunctionBuilder,
  words: Words<Local<"v128">>,
  { distribution, parameters, out }: DrawEquation,
): readonly Vector[] {
  const isInt = out.dtype === "int32";
  if (distribution === "uniform") {
    return words.map((word) => (isInt ? uniformInts : uniform)(f, word, parameters));
  }
  return NORMAL[distribution](f, words).map((x) => (isInt ? scaledInts : scaled)(f, x, parameters));
}

type DrawParameters = DrawEquation["parameters"];

/** Writers of code that turns words into random numbers of a normal distribution with mean 0 and deviation 1. */
const NORMAL: Readonly<
  Record<
    Exclude<Distribution, "uniform">,
    (f: FunctionBuilder, words: Words<Local<"v128">>) => readonly Vector[]
  >
> = {
  normal: (f, [a, b, c, d]) => [...normalPair(f, [a, b]), ...normalPair(f, [c, d])],
  truncatedNormal: (f, words) => words.map((word) => truncatedNormal(f, word)),
};

/**
 * Maps words to floats of an interval. They are multiples of 2^-24, which floats hold exactly, and never its
 * end.
 */
function uniform(_: FunctionBuilder, word: Vector, [from, to]: DrawParameters): Vector {
  const unit = f32x4.mul(f32x4.convertI32x4U(i32x4.shrU(word, 8)), 2 ** -24);
  const number = f32x4.add(f32x4.mul(unit, to - from), from);
  const last = nextFloat(Math.fround(to), from);
  return from < to ? f32x4.min(number, last) : from > to ? f32x4.max(number, last) : number;
}

/**
 * Finds the float next to `x` in the direction of `towards`, which itself is the result if nothing lies
 * between.
 */
function nextFloat(x: number, towards: number): number {
  if (x === Math.fround(towards)) return x;
  if (x === 0) return Math.sign(towards) * 2 ** -149;
  const bits = new Int32Array(Float32Array.of(x).buffer);
  bits[0]! += (towards > x) === (x > 0) ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

function scaled(_: FunctionBuilder, x: Vector, [mean, deviation]: DrawParameters): Vector {
  return f32x4.add(f32x4.mul(x, deviation), mean);
}

/** Maps words to whole numbers of an interval, in doubles: numbers up to 2^31 need more bits than floats have. */
function uniformInts(f: FunctionBuilder, word: Vector, [from, to]: DrawParameters): Vector {
  const place = (half: Vector) =>
    f64x2.add(f64x2.mul(f64x2.convertLowI32x4U(half), (to - from) * 2 ** -32), from);
  return inHalves(f, word, place);
}

/** Scales standard numbers and rounds them to the nearest whole number, halves upwards. */
function scaledInts(f: FunctionBuilder, x: Vector, [mean, deviation]: DrawParameters): Vector {
  const place = (half: Vector) => {
    const number = f64x2.add(f64x2.mul(f64x2.promoteLowF32x4(half), deviation), mean);
    return f64x2.floor(f64x2.add(number, 0.5));
  };
  return inHalves(f, x, place);
}

/** Computes integers in double precision, two lanes at a time. */
function inHalves(f: FunctionBuilder, x: Vector, place: (half: Vector) => Vector): Vector {
  const all = f.let(x);
  const [low, high] = [all, i32x4.shuffle(all, all, [2, 3, 2, 3])]
    .map((half) => i32x4.truncSatF64x2SZero(place(half)));
  return i32x4.shuffle(low!, high!, [0, 1, 4, 5]);
}
