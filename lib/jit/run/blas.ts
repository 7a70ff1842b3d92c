/**
 * Matrix products by a native library: OpenBLAS or Accelerate through Deno's foreign functions.
 *
 * Nothing needs it; where it is there, large products are about three times as fast. It is looked for
 *
 * 1. where the environment variable `GAN_BLAS` says: a path or a name for the system's loader, and an
 *    error if that cannot be loaded; `GAN_BLAS=none` for no library;
 * 2. in the Python environment `.venv` of the working directory or of the project, or the active one,
 *    as the wheel `scipy-openblas32` puts it there;
 * 3. on the system.
 *
 * It gets one thread, or `GAN_BLAS_THREADS` of them: OpenBLAS's threads wait by spinning, and two on a
 * machine that has other work are slower than one.
 * @module
 */
import { readVariable } from "../../check/mod.ts";

/** A native matrix product on addresses in one memory: see `SGEMM_PARAMETERS` in emit/matmul/mod.ts. */
export type Sgemm = (
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  a: number,
  b: number,
  out: number,
  accumulate: number,
) => void;

/** A native library with matrix products. */
export interface Blas {
  /** The name that it gives itself, for reports. */
  readonly name: string;
  /** The path where it was found. */
  readonly path: string;
  /** The number of its threads; undefined if it decides by itself. */
  readonly threads: number | undefined;
  /** Makes a function that multiplies row-major 32-bit floats in `memory`, which may grow between two calls. */
  bind(memory: WebAssembly.Memory): Sgemm;
  /** Unloads the library; functions that `bind` made must not be called any more. */
  close(): void;
}

/** Options of `openBlas`. */
export interface BlasOptions {
  /** A library that must be there; `none` for no library. Default: the variable `GAN_BLAS`. */
  readonly path?: string | undefined;
  /** The number of threads. Default: the variable `GAN_BLAS_THREADS`, else 1. */
  readonly threads?: number | undefined;
  /** Libraries that may be there, tried in order. Default: `.venv`, then the system. */
  readonly candidates?: readonly string[];
}

let found: { readonly blas: Blas | undefined } | undefined;

/** Loads the native library of this machine, once; undefined if there is none or no permission. */
export function loadBlas(): Blas | undefined {
  found ??= { blas: openBlas() };
  return found.blas;
}

/**
 * Loads a library, even if one is loaded already.
 *
 * @throws Error if the library that `path` or `GAN_BLAS` names cannot be loaded.
 * @throws RangeError if the number of threads is not a positive integer.
 */
export function openBlas(options: BlasOptions = {}): Blas | undefined {
  if (typeof Deno === "undefined") return undefined;
  const path = options.path ?? readVariable("GAN_BLAS");
  if (path === "none") return undefined;
  const threads = threadsOf(options.threads ?? readVariable("GAN_BLAS_THREADS"));
  if (path) return openNamed(path, threads);
  for (const candidate of options.candidates ?? candidates()) {
    const opened = tryOpen(candidate, threads);
    if (typeof opened !== "string") return opened;
  }
  return undefined;
}

function openNamed(path: string, threads: number): Blas {
  const opened = tryOpen(path, threads);
  if (typeof opened !== "string") return opened;
  throw new Error(
    `Cannot load the BLAS that GAN_BLAS names: expected a library with cblas_sgemm at ${path}, ` +
      `got ${opened}. GAN_BLAS=none turns the search off`,
  );
}

function threadsOf(value: number | string | undefined): number {
  const threads = value === undefined || value === "" ? 1 : Number(value);
  if (Number.isInteger(threads) && threads > 0) return threads;
  throw new RangeError(
    `Cannot set the threads of the BLAS: expected a positive integer, got ${value}`,
  );
}

const FILES: Readonly<Record<string, readonly string[]>> = {
  linux: ["libscipy_openblas.so"],
  darwin: ["libscipy_openblas.dylib"],
  windows: ["libscipy_openblas.dll", "scipy_openblas.dll"],
};

const SYSTEM: Readonly<Record<string, readonly string[]>> = {
  linux: ["libopenblas.so.0", "libopenblas.so"],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"],
  windows: ["libopenblas.dll"],
};

function candidates(): string[] {
  const active = readVariable("VIRTUAL_ENV");
  const project = import.meta.dirname;
  const environments = [
    ".venv",
    ...(project ? [`${project}/../../../.venv`] : []),
    ...(active ? [active] : []),
  ];
  return [...environments.flatMap(wheelLibraries), ...SYSTEM[Deno.build.os] ?? []];
}

/** Lists the paths that the wheel `scipy-openblas32` would have in a Python environment. */
export function wheelLibraries(environment: string): string[] {
  const folders = Deno.build.os === "windows"
    ? [`${environment}/Lib`]
    : subfolders(`${environment}/lib`).filter((folder) => /\/python3[^/]*$/.test(folder));
  return folders.flatMap((folder) =>
    (FILES[Deno.build.os] ?? []).map((file) =>
      `${folder}/site-packages/scipy_openblas32/lib/${file}`
    )
  );
}

function subfolders(path: string): string[] {
  try {
    if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return [];
    return [...Deno.readDirSync(path)].map(({ name }) => `${path}/${name}`).sort();
  } catch {
    return [];
  }
}

const SGEMM = {
  // Addresses are passed as bigints: with pointer objects, new ones for each call, a call takes 0.9 us
  // from WebAssembly through JavaScript, with bigints 0.1 us.
  parameters: [
    ...["i32", "i32", "i32", "i32", "i32", "i32"],
    ...["f32", "usize", "i32", "usize", "i32", "f32", "usize", "i32"],
  ],
  result: "void",
  optional: true,
} as const;
const SET_THREADS = { parameters: ["i32"], result: "void", optional: true } as const;
const TEXT = { parameters: [], result: "pointer", optional: true } as const;

/** The same functions under the names of a plain build and of the wheel. */
const SYMBOLS = {
  cblas_sgemm: SGEMM,
  scipy_cblas_sgemm: SGEMM,
  openblas_set_num_threads: SET_THREADS,
  scipy_openblas_set_num_threads: SET_THREADS,
  openblas_get_config: TEXT,
  scipy_openblas_get_config: TEXT,
} as const;

/** Opens the library at `path`, or returns the reason why that is not possible. */
function tryOpen(path: string, threads: number): Blas | string {
  try {
    if (Deno.permissions.querySync({ name: "ffi", path }).state !== "granted") {
      return "no permission (--allow-ffi)";
    }
    const library = Deno.dlopen(path, SYMBOLS);
    const { symbols } = library;
    const sgemm = symbols.cblas_sgemm ?? symbols.scipy_cblas_sgemm;
    if (!sgemm) {
      library.close();
      return "a library without it";
    }
    const setThreads = symbols.openblas_set_num_threads ?? symbols.scipy_openblas_set_num_threads;
    setThreads?.(threads);
    const config = symbols.openblas_get_config ?? symbols.scipy_openblas_get_config;
    return {
      name: nameOf(path, config?.() ?? null),
      path,
      threads: setThreads ? threads : undefined,
      bind: (memory) => bind(sgemm, memory),
      close: () => library.close(),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns the name that the library gives itself, such as «OpenBLAS 0.3.34», else the name of its file. */
function nameOf(path: string, config: Deno.PointerValue): string {
  if (config === null) return path.split("/").at(-1) ?? path;
  const text = new Deno.UnsafePointerView(config).getCString();
  return text.split(" ").slice(0, 2).join(" ");
}

type NativeSgemm = (
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

const ROW_MAJOR = 101;
const AS_STORED = 111;
const TRANSPOSED = 112;

function bind(sgemm: NativeSgemm, memory: WebAssembly.Memory): Sgemm {
  let buffer: ArrayBufferLike | undefined;
  let base = 0;
  return (transA, transB, m, n, k, a, b, out, accumulate) => {
    if (memory.buffer !== buffer) {
      buffer = memory.buffer;
      base = Number(Deno.UnsafePointer.value(pointerTo(memory)));
    }
    const [orderA, orderB] = [transA ? TRANSPOSED : AS_STORED, transB ? TRANSPOSED : AS_STORED];
    sgemm(
      ROW_MAJOR,
      orderA,
      orderB,
      m,
      n,
      k,
      1,
      BigInt(base + a),
      transA ? m : k,
      BigInt(base + b),
      transB ? k : n,
      accumulate ? 1 : 0,
      BigInt(base + out),
      n,
    );
  };
}

/** Returns the address of a memory. */
function pointerTo(memory: WebAssembly.Memory): Deno.PointerValue {
  return Deno.UnsafePointer.of(new Uint8Array(memory.buffer as ArrayBuffer));
}
