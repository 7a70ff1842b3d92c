/** Runs a headless Chromium that records all errors of its pages. */

import { type BrowserContext, chromium, type Page } from "playwright-core";
import { endsWithin } from "./until.ts";

/** Browser, and the errors of its pages. */
export interface Browser extends AsyncDisposable {
  /** Window of the browser. */
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

/** Starts Chromium with an empty profile; disposal ends it and removes the profile. */
export async function openBrowser(
  executablePath: string,
  options: {
    readonly offline?: boolean;
    readonly colorScheme?: "light" | "dark";
    readonly hasTouch?: boolean;
    readonly javaScriptEnabled?: boolean;
  } = {},
): Promise<Browser> {
  const profile = await Deno.makeTempDir({ prefix: "gan-notebooks-chromium-" });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: flags,
    viewport: { width: 1280, height: 900 },
    ...options,
  });
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
      await Deno.remove(profile, { recursive: true }).catch(() => {}); // Chromium may still write
    },
  };
}
