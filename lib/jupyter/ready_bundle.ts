/** What the start-up cell shows: one line, and the script that lets the page draw figures. */
import * as tf from "@tensorflow/tfjs";
import { escapeHtml } from "./escape.ts";
import type { MediaBundle } from "./kernel.ts";
import { pageScript } from "./plotly_page.ts";

let packed: Promise<string> | undefined;

/** The bundle of the start-up cell; every run of that cell puts plotly.js into the saved notebook again. */
export async function readyBundle(
  options: { readonly backend: string; readonly figures: boolean },
): Promise<MediaBundle> {
  const text = `Ready: TensorFlow.js ${tf.version.tfjs}, backend ${options.backend}.`;
  const line = `<div class="gan-ready">${escapeHtml(text)}</div>`;
  if (!options.figures) return { "text/html": line, "text/plain": text };
  packed ??= packPlotly();
  const html = `${line}<script>${pageScript(await packed)}</script>`;
  return { "text/html": html, "text/plain": text };
}

/** plotly.js gzipped in base 64: 2 MB in the notebook instead of 4.8. */
async function packPlotly(): Promise<string> {
  const module = await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } });
  const stream = new Blob([module.default]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
}
