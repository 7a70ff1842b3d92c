/** The text of the pinned plotly.js, which runs in pages and not in Deno. */

import { fileURLToPath } from "node:url";

/** Reads plotly.js from Deno's package cache. */
export async function readPlotly(): Promise<string> {
  const resolve = () => import.meta.resolve("plotly.js-dist-min/plotly.min.js");
  if (!resolve().startsWith("file:")) {
    // Importing it makes Deno fetch the package; that running it fails without a window is expected.
    await import("plotly.js-dist-min").catch(() => {});
  }
  return await Deno.readTextFile(fileURLToPath(resolve()));
}
