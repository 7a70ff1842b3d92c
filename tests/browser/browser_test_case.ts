/** Registers tests that need Chromium and Jupyter: skipped by name where one is missing, never under CI. */

import { delimiter, join } from "node:path";
import {
  type Jupyter,
  JupyterUnavailableError,
  openJupyter,
} from "../../notebooks/tasks/jupyter/mod.ts";

/** What a browser test works with. */
export interface BrowserTools {
  /** The browser's executable. */
  readonly chromium: string;
  /** A Python that has JupyterLab. */
  readonly jupyter: Jupyter;
}

/** The executable that `CHROMIUM` names, or the first known name on the PATH. */
export async function findChromium(): Promise<string | undefined> {
  const named = Deno.env.get("CHROMIUM");
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const candidates = named ? [named] : names.flatMap((name) => folders.map((at) => join(at, name)));
  for (const path of candidates) {
    if (await Deno.stat(path).then((info) => info.isFile, () => false)) return path;
  }
  return undefined;
}

async function lookForTools(): Promise<BrowserTools | string> {
  const chromium = await findChromium();
  if (!chromium) return "no Chromium: install it, or name its executable in CHROMIUM";
  try {
    return { chromium, jupyter: await openJupyter() };
  } catch (error) {
    if (error instanceof JupyterUnavailableError) return error.message;
    throw error;
  }
}

const tools = await lookForTools();
if (typeof tools === "string" && Deno.env.get("CI") === "true") throw new Error(tools);
if (typeof tools !== "string") {
  globalThis.addEventListener("unload", () => tools.jupyter[Symbol.dispose]());
}

/** Registers a test that is given a browser and Jupyter, and a context for its steps. */
export function browserTest(
  name: string,
  run: (tools: BrowserTools, test: Deno.TestContext) => Promise<void>,
): void {
  if (typeof tools === "string") {
    Deno.test({ name: `${name} (skipped: ${tools})`, ignore: true, fn: () => {} });
    return;
  }
  // The browser and the servers are child processes that playwright-core also watches with timers.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: (test) => run(tools, test) });
}
