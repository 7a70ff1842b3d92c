/** Draws the figures of an executed notebook as pictures, with plotly.js in headless Chromium. */

import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "fast-png";
import { chromium } from "playwright-core";
import { plotlyFile } from "../../../lib/jupyter/ready_bundle.ts";
import type { Figure, FigureFrame } from "../../../lib/plot/mod.ts";
import { TaskError } from "../errors.ts";
import { type MimeBundle, type Notebook, outputsOf } from "../notebook/nbformat.ts";
import { PLOTLY_TYPE } from "./normalise.ts";

/** The size of a picture in pixels. */
const [WIDTH, HEIGHT] = [700, 380];

/** States of a figure with a slider that its picture shows side by side, as a film strip. */
const MOST_TILES = 6;

/** Adds an `image/png` to every figure of the notebook, with its alternative text; counts the figures. */
export async function addPictures(notebook: Notebook, executablePath: string): Promise<number> {
  const figures = outputsOf(notebook).flatMap((output) =>
    "data" in output && output.data[PLOTLY_TYPE] !== undefined ? [output] : []
  );
  if (figures.length === 0) return 0;
  await using browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  for (const { data, metadata } of figures) {
    const { title, tiles } = pictureOf(data);
    await page.setContent(pageOf(title, tiles.length));
    await page.addScriptTag({ path: fileURLToPath(await plotlyFile()) });
    await page.evaluate(`Promise.all(${JSON.stringify(tiles)}.map((tile, at) => Plotly.newPlot(
      document.querySelectorAll(".tile")[at], { ...tile, config: { staticPlot: true } })))`);
    data["image/png"] = smallPng(await page.locator("main").screenshot());
    const { alt } = (data[PLOTLY_TYPE] as StoredFigure).layout?.meta ?? {};
    if (alt !== undefined) metadata["image/png"] = { alt };
  }
  return figures.length;
}

/** Finds the executable that the variable CHROMIUM names, or the first known name on the PATH. */
export async function findChromium(): Promise<string> {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ];
  const named = Deno.env.get("CHROMIUM");
  for (const path of named ? [named] : candidates) {
    if ((await Deno.stat(path).catch(() => undefined))?.isFile) return path;
  }
  throw new TaskError(
    "Cannot draw figures as pictures: expected Chromium or Chrome; install it, or name its " +
      "executable in the variable CHROMIUM.",
  );
}

/** A figure that is drawn; its layout has its width and height. */
interface Tile {
  readonly data: object[];
  readonly layout: Readonly<Record<string, unknown>>;
}

/** A figure as the notebook has it. */
type StoredFigure = Partial<Pick<Figure, "data" | "layout" | "frames">>;

/** Plans the picture of a figure; of one that moves, a film strip, so that pages without scripts tell its story. */
export function pictureOf(data: MimeBundle): { readonly title: string; readonly tiles: Tile[] } {
  const stored = data[PLOTLY_TYPE] as StoredFigure;
  const { layout = {}, frames = [] } = stored;
  if (frames.length < 2) {
    return { title: "", tiles: [stillOf(stored, frames[0], { width: WIDTH, height: HEIGHT })] };
  }
  const last = Math.min(frames.length, MOST_TILES) - 1;
  const shown = Array.from(
    { length: last + 1 },
    (_, i) => Math.round(i / last * (frames.length - 1)),
  );
  const aspect = layout.meta?.aspect ?? 0.9;
  const width = Math.floor(WIDTH / (aspect > 0.6 ? 3 : 2));
  // Room for the name of the state, for words above panels, and for numbers below axes.
  const words = layout.annotations?.length ? 24 : 0;
  const ticks = layout.xaxis?.showticklabels === false ? 0 : 16;
  const margin = { l: 34, r: 6, t: 34 + words, b: 6 + ticks };
  const height = Math.round((width - margin.l - margin.r) * aspect + margin.t + margin.b);
  const tiles = shown.map((at) => frames[at]!).map((frame) => {
    const place = { x: 0, xref: "paper", y: 1 - 16 / height, yanchor: "middle" };
    const title = { text: frame.name ?? "", font: { size: 13 }, ...place };
    const { data, layout } = stillOf(stored, frame, {});
    return { data, layout: { ...layout, title, margin, showlegend: false, width, height } };
  });
  return { title: (layout.title as { text?: string } | undefined)?.text ?? "", tiles };
}

/** White rather than clear: GitHub may show it on black. Buttons and sliders do nothing in a picture. */
function stillOf(
  { data = [], layout = {} }: StoredFigure,
  frame: FigureFrame | undefined,
  size: object,
): Tile {
  const { updatemenus: _menus, sliders: _sliders, meta: _meta, ...rest } = layout;
  return {
    data: data.map((trace, at) => ({ ...trace, ...frame?.data?.[at] })),
    layout: { paper_bgcolor: "#fff", plot_bgcolor: "#fff", ...size, ...rest },
  };
}

/** Makes the page with the title above so many places for tiles, as many as fit side by side. */
function pageOf(title: string, tiles: number): string {
  const heading =
    "font: 16px 'Open Sans', verdana, arial, sans-serif; color: #444; margin: 6px 16px";
  return `<!doctype html><body style="margin: 0; background: #fff"><main style="width: ${WIDTH}px">
${title && `<h1 style="${heading}">${title}</h1>`}
<div style="display: flex; flex-wrap: wrap">${"<div class=tile></div>".repeat(tiles)}</div></main>`;
}

/** Number of steps between the darkest and the lightest shade; fewer turn pale orange into green. */
const STEPS = 25;

/** Encodes a PNG again with 26 shades of each colour, packed as tightly as possible; returns it in base 64. */
export function smallPng(png: Uint8Array): string {
  const image = decode(png);
  const shades = Uint8Array.from(
    { length: 256 },
    (_, value) => Math.round(Math.round(value * STEPS / 255) * 255 / STEPS),
  );
  const data = Uint8Array.from(image.data, (value) => shades[value]!);
  return encode({ ...image, data, depth: 8 }, { zlib: { level: 9 } }).toBase64();
}
