/** Makes the output of the start-up cell: one line, and the script that draws figures in the page. */
import * as tf from "@tensorflow/tfjs";
import { escapeHtml } from "./escape.ts";
import type { MediaBundle } from "./kernel.ts";
import { pageScript } from "./plotly_page.ts";

let packed: Promise<string> | undefined;

/** Makes the bundle of the start-up cell. Each run of that cell puts plotly.js into the notebook again. */
export async function readyBundle(
  options: { readonly backend: string; readonly figures: boolean },
): Promise<MediaBundle> {
  const text = `Ready: TensorFlow.js ${tf.version.tfjs}, backend ${options.backend}.`;
  const line = `<div class="gan-ready" style="padding:0 6px">${escapeHtml(text)}</div>`;
  if (!options.figures) return { "text/html": line, "text/plain": text };
  packed ??= packPlotly();
  const html = `${line}<script>${pageScript(await packed)}</script>`;
  return { "text/html": html, "text/plain": text };
}

/** Compresses plotly.js with gzip and encodes it in base 64: 2 MB instead of 4.8 MB in the notebook. */
export async function packPlotly(): Promise<string> {
  const file = await Deno.open(new URL(await plotlyFile()));
  const stream = file.readable.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
}

/** Finds the file of plotly.js in Deno's cache. It is read as a file, because running it needs a window. */
export async function plotlyFile(): Promise<string> {
  const resolve = () => import.meta.resolve("plotly.js-dist-min/plotly.min.js");
  // Deno only pre-fetches packages that some import names. If plotly.js is not cached yet,
  // importing it fetches it.
  if (!resolve().startsWith("file:")) await import("plotly.js-dist-min").catch(() => {});
  return resolve();
}
