/**
 * Weights as bytes: as they are, or rounded to 16 or 8 bits.
 * @module
 */
import type { Values } from "../program/dtype.ts";

/** The format of weights. */
export type WeightType = "float32" | "float16" | "int8";

/** Weights as bytes. */
export interface StoredWeights {
  /** The bytes, as `loadProgram` reads them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The largest difference between a weight and what is stored for it. */
  readonly error: number;
}

/** The largest number that 16 bits hold. */
export const LARGEST_FLOAT16 = 65504;

/** Copies the bytes of elements. */
export function plainBytes(values: Values): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = values;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength).slice();
}

/**
 * Rounds weights to 16 bits, ties to even. The lower bytes of all weights come first, then the upper ones,
 * which are alike: so compressed files are smaller.
 */
export function asFloat16(values: Float32Array): StoredWeights {
  const bytes = new Uint8Array(2 * values.length);
  let error = 0;
  values.forEach((value, i) => {
    const { bits, stored } = roundToFloat16(value);
    bytes[i] = bits & 255;
    bytes[values.length + i] = bits >> 8;
    error = Math.max(error, Math.abs(value - stored));
  });
  return { bytes, error };
}

/** Finds the nearest number with 16 bits, and its bits, of one that they can hold. */
function roundToFloat16(value: number): { bits: number; stored: number } {
  const size = Math.abs(value);
  // Below 2^-14 all numbers with 16 bits have the same distance.
  const exponent = Math.max(-14, size === 0 ? -14 : Math.floor(Math.log2(size)));
  const steps = roundHalfEven(size * 2 ** (10 - exponent)); // 1024 to 2048, fewer below 2^-14
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  return {
    bits: sign | (((exponent + 14) << 10) + steps), // a carry goes into the exponent, as it should
    stored: Math.sign(value) * steps * 2 ** (exponent - 10),
  };
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * Rounds weights to 8 bits, with a scale for each of `columns` columns. The scales come first, then the
 * numbers from -127 to 127.
 */
export function asInt8(values: Float32Array, columns: number): StoredWeights {
  const scales = new Float32Array(columns);
  values.forEach((value, i) => {
    scales[i % columns] = Math.max(scales[i % columns]!, Math.abs(value) / 127);
  });
  const rounded = new Int8Array(values.length);
  let error = 0;
  values.forEach((value, i) => {
    const scale = scales[i % columns]!;
    rounded[i] = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / scale)));
    error = Math.max(error, Math.abs(value - Math.fround(rounded[i]! * scale)));
  });
  const bytes = new Uint8Array(scales.byteLength + rounded.length);
  bytes.set(plainBytes(scales));
  bytes.set(new Uint8Array(rounded.buffer), scales.byteLength);
  return { bytes, error };
}
