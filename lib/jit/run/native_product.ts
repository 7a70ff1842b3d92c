/**
 * Matrix products by a native library, for matrices in a WebAssembly memory. Any thread can call them.
 * @module
 */

/**
 * A function that multiplies matrices at addresses in one memory. `SGEMM_PARAMETERS` in emit/matmul/mod.ts
 * describes its parameters.
 */
export type Sgemm = (
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  out: number,
  ldc: number,
  accumulate: number,
) => void;

/**
 * The types of the parameters of `cblas_sgemm`. Addresses are passed as bigints: a call from WebAssembly through
 * JavaScript then takes 0.1 us. With pointer objects, which have to be made for each call, it takes 0.9 us.
 */
export const PRODUCT_PARAMETERS = [
  ...["i32", "i32", "i32", "i32", "i32", "i32"] as const,
  ...["f32", "usize", "i32", "usize", "i32", "f32", "usize", "i32"] as const,
] as const;

/** A native library: its path, and the name and parameter types of its function `cblas_sgemm`. */
export interface NativeLibrary {
  readonly path: string;
  readonly symbol: string;
  readonly parameters: typeof PRODUCT_PARAMETERS;
}

/** The function `cblas_sgemm` of a native library. */
export type NativeSgemm = (
  order: number,
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: bigint,
  lda: number,
  b: bigint,
  ldb: number,
  beta: number,
  c: bigint,
  ldc: number,
) => void;

/** Makes a function that multiplies matrices in `memory`, which may grow between two calls. */
export function bindProduct(sgemm: NativeSgemm, memory: WebAssembly.Memory): Sgemm {
  const [rowMajor, asStored, transposed] = [101, 111, 112];
  let buffer: ArrayBufferLike | undefined;
  let base = 0;
  return (transA, transB, m, n, k, a, lda, b, ldb, out, ldc, accumulate) => {
    if (memory.buffer !== buffer) {
      buffer = memory.buffer;
      const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
      base = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
    }
    sgemm(
      rowMajor!,
      transA ? transposed! : asStored!,
      transB ? transposed! : asStored!,
      m,
      n,
      k,
      1,
      BigInt(base + a),
      lda,
      BigInt(base + b),
      ldb,
      accumulate ? 1 : 0,
      BigInt(base + out),
      ldc,
    );
  };
}
