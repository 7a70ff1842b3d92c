/**
 * Prepares the environment of the benchmark: PyTorch, JAX and OpenBLAS in `.venv-bench`, and
 * the compiled C peer.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PeerGroup } from "./roster.ts";

/** Pinned packages. The other requirements of PyTorch belong to CUDA, those of JAX to other devices. */
export const pins: readonly string[] = [
  "torch==2.15.0",
  "scipy-openblas32==0.3.34.481.3",
  "jax==0.10.2",
  "jaxlib==0.10.2",
  "ml-dtypes==0.6.0",
  "opt-einsum==3.4.0",
  "scipy==1.17.1",
  "numpy==2.4.6",
  "filelock==4.2.11",
  "sympy==1.14.0",
  "mpmath==1.3.0",
  "networkx==3.6.1",
  "jinja2==3.1.6",
  "markupsafe==3.0.4",
  "fsspec==2026.9.0",
  "typing-extensions==4.16.0",
];

/** Folder with the sources of the peers. */
export const peersFolder: string = fileURLToPath(new URL("peers/", import.meta.url));
const venv = fileURLToPath(new URL("../../.venv-bench/", import.meta.url));
const windows = Deno.build.os === "windows";
const pythonPath = windows ? "Scripts/python.exe" : "bin/python";

/** Available parts; each missing part has a sentence instead. */
export interface Environment {
  /** Python that can import PyTorch. */
  readonly torch: string | undefined;
  /** Python that can import JAX. */
  readonly jax: string | undefined;
  /** Compiled C peer. */
  readonly loop: string | undefined;
  /** OpenBLAS library. */
  readonly blas: string | undefined;
  /** Sentences, one for each missing part. */
  readonly missing: readonly string[];
}

interface Outcome {
  readonly ok: boolean;
  readonly text: string;
}

async function run(command: string, args: readonly string[]): Promise<Outcome> {
  try {
    const output = await new Deno.Command(command, { args: [...args] }).output();
    const text = new TextDecoder().decode(output.success ? output.stdout : output.stderr).trim();
    return { ok: output.success, text };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ok: false, text: `there is no ${command}` };
  }
}

const lastLine = (text: string) => text.split("\n").at(-1) ?? "";

async function readText(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}

/** Finds the Python of the benchmark's virtual environment, which the first call makes. */
async function installPython(log: (line: string) => void): Promise<Outcome> {
  const own = Deno.env.get("BENCH_PYTHON");
  if (own) return { ok: true, text: own };
  const python = join(venv, pythonPath);
  const mark = join(venv, "installed.txt"), wanted = pins.join("\n");
  if (await readText(mark) === wanted) return { ok: true, text: python };
  log("Installing PyTorch, JAX and OpenBLAS in .venv-bench (over half a gigabyte, once)");
  const made = await run(windows ? "python" : "python3", ["-m", "venv", "--clear", venv]);
  if (!made.ok) return made;
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", ...pins];
  const installed = await run(python, pip);
  if (!installed.ok) return installed;
  await Deno.writeTextFile(mark, wanted);
  return { ok: true, text: python };
}

/** Tells whether a Python can import PyTorch. Tries again with stand-ins for CUDA's libraries. */
async function importTorch(python: string): Promise<Outcome> {
  const attempt = () => run(python, ["-W", "ignore", "-c", "import torch"]);
  const first = await attempt();
  if (first.ok || Deno.build.os !== "linux" || Deno.env.has("BENCH_PYTHON")) return first;
  const where = await run(python, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
  const script = join(peersFolder, "no_cuda.py");
  const filled = await run(python, [script, join(where.text, "torch", "lib")]);
  return filled.ok ? await attempt() : filled;
}

/** Tells whether a Python can import JAX. */
async function importJax(python: string): Promise<Outcome> {
  return await run(python, ["-c", "import jax"]);
}

/** Finds the OpenBLAS of the wheel. */
async function findBlas(python: string): Promise<Outcome> {
  const code = "import scipy_openblas32 as s, pathlib; " +
    "print(next(pathlib.Path(s.get_lib_dir()).glob('libscipy_openblas.*')))";
  return await run(python, ["-c", code]);
}

/** Compiles the C peer if its source has changed. */
async function compileLoop(): Promise<Outcome> {
  const source = join(peersFolder, "loop.c"), target = join(venv, "loop");
  const kept = join(venv, "loop.c"), text = await readText(source);
  if (await readText(kept) === text) return { ok: true, text: target };
  await Deno.mkdir(venv, { recursive: true });
  const flags = ["-O3", "-march=native", "-fno-math-errno"];
  const built = await run("cc", [...flags, source, "-o", target, "-lm", "-ldl"]);
  if (!built.ok) return built;
  await Deno.writeTextFile(kept, text);
  return { ok: true, text: target };
}

/** Groups of peers for which something is installed or compiled. */
const installed: readonly PeerGroup[] = ["torch", "jax", "c"];

/** Prepares what groups of peers need, and reports missing parts instead of failing. */
export async function prepareEnvironment(
  log: (line: string) => void,
  groups: readonly PeerGroup[],
): Promise<Environment> {
  if (!installed.some((group) => groups.includes(group))) {
    // The set-up of Jupyter puts OpenBLAS into `.venv`. Without it, the comparison uses WebAssembly
    // only.
    const found = await findBlas(
      fileURLToPath(new URL(`../../.venv/${pythonPath}`, import.meta.url)),
    );
    return {
      torch: undefined,
      jax: undefined,
      loop: undefined,
      blas: found.ok ? found.text : undefined,
      missing: [],
    };
  }
  const missing: string[] = [];
  const take = (name: string, outcome: Outcome) => {
    if (outcome.ok) return outcome.text;
    missing.push(`${name} is left out: ${lastLine(outcome.text)}.`);
    return undefined;
  };
  const python = await installPython(log);
  const from = async (name: string, find: (python: string) => Promise<Outcome>) =>
    take(name, python.ok ? await find(python.text) : python);
  const torch = await from("PyTorch", importTorch) === undefined ? undefined : python.text;
  const jax = await from("JAX", importJax) === undefined ? undefined : python.text;
  const blas = await from("OpenBLAS", findBlas);
  const loop = take("The C loop", await compileLoop());
  return { torch, jax, loop, blas, missing };
}
