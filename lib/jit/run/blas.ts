/**
 * Matrix products by a native library: OpenBLAS or Accelerate through Deno's foreign functions.
 *
 * It is optional: with it, large products are about three times as fast. It is searched for
 *
 * 1. where the environment variable `GAN_BLAS` says: a path or a name for the system's loader, and an
 *    error if that cannot be loaded; `GAN_BLAS=none` for no library;
 * 2. in the Python environment `.venv` of the working directory or of the project, or the active one,
 *    as the wheel `scipy-openblas32` puts it there;
 * 3. on the system.
 *
 * It computes on the thread that calls it: the threads of a program each call it for their own parts. OpenBLAS's
 * own threads wait by spinning, and how they share the work depends on their number.
 * @module
 */
import { readVariable } from "../../check/mod.ts";
import {
  bindProduct,
  type NativeLibrary,
  PRODUCT_PARAMETERS,
  type Sgemm,
} from "./native_product.ts";

/** A native library with matrix products. */
export interface Blas {
  /** The name that it gives itself, for reports. */
  readonly name: string;
  /** The path where it was found. */
  readonly path: string;
  /** The description by which another thread opens it. */
  readonly library: NativeLibrary;
  /** Makes a function that multiplies row-major 32-bit floats in `memory`, which may grow between two calls. */
  bind(memory: WebAssembly.Memory): Sgemm;
  /** Unloads the library; functions that `bind` made must not be called any more. */
  close(): void;
}

/** Options of `openBlas`. */
export interface BlasOptions {
  /** A library that must be there; `none` for no library. Default: the variable `GAN_BLAS`. */
  readonly path?: string | undefined;
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
 */
export function openBlas(options: BlasOptions = {}): Blas | undefined {
  if (typeof Deno === "undefined") return undefined;
  const path = options.path ?? readVariable("GAN_BLAS");
  if (path === "none") return undefined;
  if (path) return openNamed(path);
  for (const candidate of options.candidates ?? candidates()) {
    const opened = tryOpen(candidate);
    if (typeof opened !== "string") return opened;
  }
  return undefined;
}

function openNamed(path: string): Blas {
  const opened = tryOpen(path);
  if (typeof opened !== "string") return opened;
  throw new Error(
    `Cannot load the BLAS that GAN_BLAS names: expected a library with cblas_sgemm at ${path}, ` +
      `got ${opened}; GAN_BLAS=none turns the search off`,
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

const SGEMM = { parameters: PRODUCT_PARAMETERS, result: "void", optional: true } as const;
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
function tryOpen(path: string): Blas | string {
  try {
    if (Deno.permissions.querySync({ name: "ffi", path }).state !== "granted") {
      return "no permission (--allow-ffi)";
    }
    const library = Deno.dlopen(path, SYMBOLS);
    const { symbols } = library;
    const symbol = symbols.cblas_sgemm ? "cblas_sgemm" : "scipy_cblas_sgemm";
    const sgemm = symbols[symbol];
    if (!sgemm) {
      library.close();
      return "a library without it";
    }
    const setThreads = symbols.openblas_set_num_threads ?? symbols.scipy_openblas_set_num_threads;
    setThreads?.(1);
    const config = symbols.openblas_get_config ?? symbols.scipy_openblas_get_config;
    return {
      name: nameOf(path, config?.() ?? null),
      path,
      library: { path, symbol, parameters: PRODUCT_PARAMETERS },
      bind: (memory) => bindProduct(sgemm, memory),
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
