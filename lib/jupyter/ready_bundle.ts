/** Makes the output of the start-up cell: one line, and the script that lets the page draw figures. */
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
  const line = `<div class="gan-ready" style="padding:0 6px">${escapeHtml(text)}</div>`;
  if (!options.figures) return { "text/html": line, "text/plain": text };
  packed ??= packPlotly();
  const html = `${line}<script>${pageScript(await packed)}</script>`;
  return { "text/html": html, "text/plain": text };
}

/** Packs plotly.js with gzip in base 64: 2 MB in the notebook instead of 4.8. */
export async function packPlotly(): Promise<string> {
  const file = await Deno.open(new URL(await plotlyFile()));
  const stream = file.readable.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
}

/** Finds the address at which Deno keeps plotly.js; it is read as a file, since running it needs a window. */
export async function plotlyFile(): Promise<string> {
  const resolve = () => import.meta.resolve("plotly.js-dist-min/plotly.min.js");
  // Deno fetches a package ahead only if an import names it. Should it ever not have, this does.
  if (!resolve().startsWith("file:")) await import("plotly.js-dist-min").catch(() => {});
  return resolve();
}
