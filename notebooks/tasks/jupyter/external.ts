/** Uses a Jupyter that is on the PATH already, where `.venv` cannot be made. */

import { delimiter, join } from "node:path";
import type { JupyterEnvironment } from "./kernel_client.ts";
import { writeKernelspec } from "./kernelspec.ts";

/** A Jupyter found on the PATH, led to a kernelspec in a temporary folder. */
export interface ExternalJupyter extends JupyterEnvironment, Disposable {}

/** Finds `jupyter` on the PATH and the Python behind it; undefined where there is none that works. */
export async function findExternalJupyter(command = "jupyter"): Promise<
  ExternalJupyter | undefined
> {
  const python = await pythonOf(command);
  if (python === undefined) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-jupyter-" });
  await writeKernelspec(folder);
  const known = Deno.env.get("JUPYTER_PATH");
  const env = {
    JUPYTER_PATH: known ? folder + delimiter + known : folder,
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
  };
  return {
    python,
    env,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

async function pythonOf(command: string): Promise<string | undefined> {
  // The one command of Jupyter's that names its Python on every system.
  const report = await outputOf(command, ["troubleshoot"]);
  const python = report && executableIn(report);
  if (!python) return undefined;
  const works = await outputOf(python, ["-c", "import jupyter_client.manager, zmq"]);
  return works === undefined ? undefined : python;
}

/** The Python executable that a report of `jupyter troubleshoot` names. */
export function executableIn(report: string): string | undefined {
  return /^sys\.executable:\s*\n\s+(.+?)\s*$/m.exec(report)?.[1];
}

async function outputOf(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined;
  }
}
