/** Draws the figures of an executed notebook as pictures, with plotly.js in headless Chromium. */

import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "fast-png";
import { chromium } from "playwright-core";
import { plotlyFile } from "../../../lib/jupyter/ready_bundle.ts";
import { stillPicture, type StoredFigure } from "../../../lib/plot/still_picture.ts";
import { TaskError } from "../errors.ts";
import { type Notebook, outputsOf } from "../notebook/nbformat.ts";

/** Plotly's own media type: a figure as JSON. */
const PLOTLY_TYPE = "application/vnd.plotly.v1+json";

/** The width of a picture in pixels, and its height if the figure has none. */
const [WIDTH, HEIGHT] = [700, 380];

/** Adds an `image/png` with its alternative text to every figure of the notebook. Returns the number of figures. */
export async function addPictures(notebook: Notebook, executablePath: string): Promise<number> {
  const figures = outputsOf(notebook).flatMap((output) =>
    "data" in output && output.data[PLOTLY_TYPE] !== undefined ? [output] : []
  );
  if (figures.length === 0) return 0;
  await using browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  for (const { data, metadata } of figures) {
    const figure = data[PLOTLY_TYPE] as StoredFigure;
    const { title, tiles } = stillPicture(figure, { width: WIDTH, height: HEIGHT });
    await page.setContent(pageOf(title, tiles.length));
    await page.addScriptTag({ path: fileURLToPath(await plotlyFile()) });
    await page.evaluate(`Promise.all(${JSON.stringify(tiles)}.map((tile, at) => Plotly.newPlot(
      document.querySelectorAll(".tile")[at], { ...tile, config: { staticPlot: true } })))`);
    data["image/png"] = smallPng(await page.locator("main").screenshot());
    const { alt } = figure.layout?.meta ?? {};
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

/** Makes the page: the title, and below it places for `tiles` tiles, side by side in rows. */
function pageOf(title: string, tiles: number): string {
  const heading =
    "font: 16px 'Open Sans', verdana, arial, sans-serif; color: #444; margin: 6px 16px";
  return `<!doctype html><body style="margin: 0; background: #fff"><main style="width: ${WIDTH}px">
${title && `<h1 style="${heading}">${title}</h1>`}
<div style="display: flex; flex-wrap: wrap">${"<div class=tile></div>".repeat(tiles)}</div></main>`;
}

/** Number of steps between the darkest and the lightest shade; fewer turn pale orange into green. */
const STEPS = 25;

/** Encodes a PNG again with 26 shades of each colour and the best compression. Returns it in base 64. */
export function smallPng(png: Uint8Array): string {
  const image = decode(png);
  const shades = Uint8Array.from(
    { length: 256 },
    (_, value) => Math.round(Math.round(value * STEPS / 255) * 255 / STEPS),
  );
  const data = Uint8Array.from(image.data, (value) => shades[value]!);
  return encode({ ...image, data, depth: 8 }, { zlib: { level: 9 } }).toBase64();
}
