/** Trees of tensors, as jitted functions take and return them: reading and comparing them. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";

await tf.setBackend("cpu");
await tf.ready();

/** What a jitted function may take or return. */
export type Tree =
  | tf.Tensor
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly Tree[]
  | { readonly [key: string]: Tree };

/** How far two float32 values may be apart: `absolute + relative * |expected|`. */
export interface Tolerance {
  /** In units of the expected value. */
  readonly relative: number;
  /** In units of the values themselves. */
  readonly absolute: number;
}

/** A few roundings of float32 at values around 1. */
export const FLOAT32: Tolerance = { relative: 1e-5, absolute: 1e-6 };

/** The leaves of a tree in order, tensors and static values alike. */
export function leavesOf(tree: unknown): unknown[] {
  if (tree instanceof tf.Tensor || tree === null || typeof tree !== "object") return [tree];
  return Object.values(tree).flatMap(leavesOf);
}

/** The tensor leaves of a tree in order. */
export function tensorsOf(tree: unknown): tf.Tensor[] {
  return leavesOf(tree).filter((leaf) => leaf instanceof tf.Tensor);
}

/** The values of a tensor as a copy that nothing else owns. */
export function valuesOf(tensor: tf.Tensor): Float32Array | Int32Array | Uint8Array {
  return tensor.dataSync().slice();
}

/**
 * Throws unless two numbers are equal within a tolerance; NaN and infinities must be the same, and without
 * any tolerance the sign of 0 too.
 */
function assertClose(got: number, want: number, { relative, absolute }: Tolerance): void {
  if (Object.is(got, want) || (got === want && (relative > 0 || absolute > 0))) return;
  const apart = Math.abs(got - want);
  if (Number.isFinite(want) && apart > 0 && apart <= absolute + relative * Math.abs(want)) return;
  const [wanted, gotten] = [want, got].map((x) => Object.is(x, -0) ? "-0" : String(x));
  throw new Error(`expected ${wanted}, got ${gotten}`);
}

/** Throws unless two lists of numbers are equal within a tolerance, naming the first that is not. */
export function assertValuesClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: Tolerance,
  where: string,
): void {
  assert.equal(got.length, want.length, `${where}: number of values`);
  for (let i = 0; i < want.length; i++) {
    try {
      assertClose(got[i]!, want[i]!, tolerance);
    } catch (error) {
      assert.fail(`${where}: at flat index ${i}, ${(error as Error).message}`);
    }
  }
}

/** Throws unless two tensors have one shape, one dtype, and values within a tolerance. */
export function assertTensorsClose(
  got: tf.Tensor,
  want: tf.Tensor,
  tolerance: Tolerance,
  where: string,
): void {
  assert.deepEqual(got.shape, want.shape, `${where}: shape`);
  assert.equal(got.dtype, want.dtype, `${where}: dtype`);
  if (want.dtype === "string") assert.deepEqual([...got.dataSync()], [...want.dataSync()], where);
  else assertValuesClose(got.dataSync(), want.dataSync(), tolerance, where);
}

/** Throws unless two trees have the same form, the same static leaves, and tensors within a tolerance. */
export function assertTreesClose(
  got: unknown,
  want: unknown,
  tolerance: Tolerance,
  where: string,
): void {
  if (want instanceof tf.Tensor) {
    assert(got instanceof tf.Tensor, `${where}: expected a tensor, got ${typeof got}`);
    assertTensorsClose(got, want, tolerance, where);
  } else if (want !== null && typeof want === "object") {
    assert(got !== null && typeof got === "object", `${where}: expected a tree, got ${got}`);
    assert.equal(Array.isArray(got), Array.isArray(want), `${where}: array or object`);
    assert.deepEqual(Object.keys(got), Object.keys(want), `${where}: keys`);
    for (const [key, value] of Object.entries(want)) {
      const branch: unknown = Reflect.get(got, key);
      assertTreesClose(branch, value, tolerance, `${where}.${key}`);
    }
  } else assert.deepEqual(got, want, where);
}
