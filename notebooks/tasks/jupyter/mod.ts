/** Finds or makes the Jupyter that runs notebooks. */

import { delimiter, join } from "node:path";
import { JupyterUnavailableError } from "../errors.ts";
import { ask } from "../processes.ts";
import { type SetupOptions, setUpVenv, writeKernelspec } from "./venv.ts";

export { JupyterUnavailableError } from "../errors.ts";
export { KERNEL_NAME, setUpVenv } from "./venv.ts";

/** A Jupyter to work with, until it is disposed. */
export interface Jupyter extends Disposable {
  /** The Python that has Jupyter's packages. */
  readonly python: string;
  /** Variables that lead Jupyter to the Deno kernel, on top of the process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** The reason why `.venv` is not used, where it is not. */
  readonly insteadOfVenv?: string;
}

/**
 * Returns the project's `.venv`, made or repaired first; where it cannot be made, the `jupyter` on the PATH.
 * Throws a {@linkcode JupyterUnavailableError} with the reason where there is neither.
 */
export async function openJupyter(
  { command = "jupyter", ...options }: SetupOptions & { readonly command?: string } = {},
): Promise<Jupyter> {
  try {
    return { ...await setUpVenv(options), [Symbol.dispose]: () => {} };
  } catch (error) {
    if (!(error instanceof JupyterUnavailableError)) throw error;
    const python = await pythonOf(command);
    if (python === undefined) throw error;
    return { ...await leadToKernel(python), insteadOfVenv: error.message };
  }
}

/** Finds the Python behind the one command of Jupyter's that names it on every system. */
async function pythonOf(command: string): Promise<string | undefined> {
  const python = executableIn((await ask([command, "troubleshoot"]))?.stdout ?? "");
  if (!python) return undefined;
  const works = await ask([python, "-c", "import nbclient, nbconvert, jupyter_client.manager"]);
  return works?.success ? python : undefined;
}

/** Finds the Python executable that a report of `jupyter troubleshoot` names. */
export function executableIn(report: string): string | undefined {
  return /^sys\.executable:\s*\n\s+(.+?)\s*$/m.exec(report)?.[1];
}

/** Adds a temporary folder with the kernelspec to those that Jupyter knows. */
async function leadToKernel(python: string): Promise<Jupyter> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-jupyter-" });
  await writeKernelspec(folder);
  const known = Deno.env.get("JUPYTER_PATH");
  const env = {
    JUPYTER_PATH: known ? folder + delimiter + known : folder,
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
  };
  return { python, env, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}
