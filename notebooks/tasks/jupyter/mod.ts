/** Jupyter outside the kernel: set-up, kernels to run code in. */

import { JupyterUnavailableError } from "../errors.ts";
import { findExternalJupyter } from "./external.ts";
import type { JupyterEnvironment } from "./kernel_client.ts";
import { type SetupOptions, setUpVenv } from "./venv.ts";

export { JupyterUnavailableError } from "../errors.ts";
export {
  type ExecuteOptions,
  type Execution,
  type JupyterEnvironment,
  type Kernel,
  type KernelOptions,
  startKernel,
} from "./kernel_client.ts";
export { type SetupOptions, setUpVenv } from "./venv.ts";

/** A Jupyter to work with, until it is disposed. */
export interface Jupyter extends JupyterEnvironment, Disposable {
  /** Why `.venv` is not used, where it is not. */
  readonly insteadOfVenv?: string;
}

/** What {@linkcode openJupyter} works with. */
export interface OpenOptions extends SetupOptions {
  /** The command to look for on the PATH. */
  readonly command?: string;
}

/**
 * The project's `.venv`, made or repaired first; where it cannot be made, a `jupyter` on the PATH.
 * Throws a {@linkcode JupyterUnavailableError} with the reason where there is neither.
 */
export async function openJupyter({ command, ...options }: OpenOptions = {}): Promise<Jupyter> {
  try {
    const environment = await setUpVenv(options);
    return { ...environment, [Symbol.dispose]: () => {} };
  } catch (error) {
    if (!(error instanceof JupyterUnavailableError)) throw error;
    const external = await findExternalJupyter(command);
    if (!external) throw error;
    return { ...external, insteadOfVenv: error.message };
  }
}
