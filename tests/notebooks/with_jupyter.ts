/** Tests that need a real kernel: run where Jupyter can be had, skipped by name where not, never under CI. */

import { JupyterUnavailableError } from "../../notebooks/tasks/errors.ts";
import { type Jupyter, openJupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { terminalLog } from "../../notebooks/tasks/terminal.ts";

/** Jupyter for this test process, or the reason why there is none. */
async function lookForJupyter(): Promise<Jupyter | string> {
  try {
    return await openJupyter({ log: terminalLog() });
  } catch (error) {
    if (!(error instanceof JupyterUnavailableError)) throw error;
    if (Deno.env.get("CI") === "true") throw error;
    return error.message;
  }
}

const found = await lookForJupyter();

/** Registers a test that is given Jupyter, and a context for its steps. */
export function jupyterTest(
  name: string,
  run: (jupyter: Jupyter, test: Deno.TestContext) => Promise<void>,
): void {
  if (typeof found === "string") {
    Deno.test({ name: `${name} (skipped: ${found})`, ignore: true, fn: () => {} });
  } else Deno.test(name, (test) => run(found, test));
}
