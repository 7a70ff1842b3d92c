/** Makes the process that runs a notebook without Jupyter. */

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { writeModule } from "../notebook/module.ts";
import type { Runner } from "../run/runner.ts";

/** Writes a notebook's module and returns the process that runs it and saves the executed notebook. */
export async function inProcess(path: string, executed: string): Promise<Runner> {
  const module = await writeModule(path, { runnable: true });
  const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
  const files = [module.path, resolve(path), executed];
  return {
    command: [Deno.execPath(), "run", "-A", "--quiet", "--config", module.config, worker, ...files],
    cwd: dirname(resolve(path)),
  };
}
