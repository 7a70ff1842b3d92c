/** Runs one headless Chromium for the tests of a file, and records all errors of its pages. */

import {
  type Browser as Chromium,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { endsWithin, LIMIT_MS } from "./until.ts";

/** Window of the browser with storage of its own, and the errors of its pages. */
export interface Browser extends AsyncDisposable {
  /** The window. */
  readonly context: BrowserContext;
  /** Opens a new page whose errors are recorded. */
  newPage(): Promise<Page>;
  /** Uncaught errors and console errors of all pages, as text. */
  readonly complaints: string[];
}

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let running: Promise<Chromium> | undefined;
Deno.test.afterAll(() => running?.then((browser) => browser.close(), () => {}));

/** Opens an empty window of Chromium, which starts with the first one; disposal closes the window. */
export async function openBrowser(
  executablePath: string,
  options: BrowserContextOptions = {},
): Promise<Browser> {
  running ??= chromium.launch({ executablePath, args: flags });
  const viewport = { width: 1280, height: 900 };
  const context = await (await running).newContext({ viewport, ...options });
  context.setDefaultTimeout(LIMIT_MS);
  const complaints: string[] = [];
  return {
    context,
    complaints,
    async newPage() {
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack || error.message}`));
      page.on("console", (message) => {
        if (message.type() !== "error") return;
        complaints.push(`console: ${message.text()} (${message.location().url})`);
      });
      return page;
    },
    async [Symbol.asyncDispose]() {
      await endsWithin(30_000, context.close()); // the process's end closes it too
    },
  };
}
