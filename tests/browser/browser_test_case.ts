/** Registers tests that need Chromium and Jupyter: skipped by name where one is missing, never under CI. */

import { findChromium } from "../../notebooks/tasks/commit/pictures.ts";
import { TaskError } from "../../notebooks/tasks/errors.ts";
import { type Jupyter, openJupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { endsWithin } from "./until.ts";

/** Programs that a browser test needs. */
export interface BrowserTools {
  /** Executable of the browser. */
  readonly chromium: string;
  /** Python that has JupyterLab. */
  readonly jupyter: Jupyter;
}

async function lookForTools(): Promise<BrowserTools | string> {
  try {
    return { chromium: await findChromium(), jupyter: await openJupyter() };
  } catch (error) {
    if (error instanceof TaskError) {
      return error.message;
    }
    throw error;
  }
}

const tools = await lookForTools();
if (typeof tools === "string" && Deno.env.get("CI") === "true") throw new Error(tools);

/** Longest time of one test in minutes: a browser that answers no more must not stop the gate. */
const LIMIT_MINUTES = 12;

/** Fails if the work takes longer than the limit. */
async function limited(work: Promise<void>): Promise<void> {
  if (await endsWithin(LIMIT_MINUTES * 60_000, work)) return;
  throw new Error(`Cannot finish: expected an end within ${LIMIT_MINUTES} minutes`);
}

/** Registers a test that gets a browser and Jupyter, and a context for its steps. */
export function browserTest(
  name: string,
  run: (tools: BrowserTools, test: Deno.TestContext) => Promise<void>,
): void {
  if (typeof tools === "string") {
    Deno.test({ name: `${name} (skipped: ${tools})`, ignore: true, fn: () => {} });
    return;
  }
  // The browser and the servers are child processes that playwright-core also watches with timers.
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: (test) => limited(run(tools, test)),
  });
}
