/** Draws the figures of an executed notebook as pictures, with plotly.js in headless Chromium. */

import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { plotlyFile } from "../../../lib/jupyter/ready_bundle.ts";
import { codeCells, type MimeBundle, type Notebook } from "../notebook/nbformat.ts";
import { PLOTLY_TYPE } from "./normalise.ts";
import { smallPng } from "./small_png.ts";

/** Size of a picture in CSS pixels, and how many pixels each is. */
const PICTURE = { width: 700, height: 380, scale: 1 };

/** States of a figure with a slider that its picture shows side by side, as a film strip. */
const MOST_TILES = 6;

/** Adds an `image/png` to every figure of the notebook, with its alternative text; counts the figures. */
export async function addPictures(notebook: Notebook, executablePath: string): Promise<number> {
  const figures = codeCells(notebook).flatMap(({ outputs }) => outputs).flatMap((output) =>
    "data" in output && output.data[PLOTLY_TYPE] !== undefined ? [output] : []
  );
  if (figures.length === 0) return 0;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.setContent("<!doctype html><title>Figures</title><body></body>");
    await page.addScriptTag({ path: fileURLToPath(await plotlyFile()) });
    for (const { data, metadata } of figures) {
      data["image/png"] = smallPng(await page.evaluate(drawPicture, pictureOf(data)));
      const alt = (data[PLOTLY_TYPE] as StoredFigure).layout?.meta?.alt;
      if (alt !== undefined) metadata["image/png"] = { alt };
    }
  } finally {
    await browser.close();
  }
  return figures.length;
}

/** A figure that is drawn at a place of the picture. */
interface Tile {
  readonly figure: { readonly data: unknown; readonly layout: object };
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is drawn: one figure, or several states of one below their common title. */
interface Picture {
  readonly size: typeof PICTURE;
  readonly title: string;
  readonly tiles: readonly Tile[];
}

/** A figure as the notebook has it. */
interface StoredFigure {
  readonly data?: readonly object[];
  readonly layout?: StoredLayout;
  readonly frames?: readonly StoredFrame[];
}

interface StoredLayout extends Readonly<Record<string, unknown>> {
  readonly meta?: { readonly alt?: string; readonly aspect?: number };
}

interface StoredFrame {
  readonly name?: string;
  readonly data?: readonly object[];
}

/** Plans the picture of a figure; of one that moves, a film strip, so that pages without scripts tell its story. */
export function pictureOf(data: MimeBundle): Picture {
  const stored = data[PLOTLY_TYPE] as StoredFigure;
  if ((stored.frames?.length ?? 0) > 1) return stripOf(stored);
  const height = typeof stored.layout?.height === "number" ? stored.layout.height : PICTURE.height;
  const size = { ...PICTURE, height };
  const figure = stillOf(stored, stored.frames?.at(-1));
  return { size, title: "", tiles: [{ figure, x: 0, y: 0, width: size.width, height }] };
}

/** White rather than clear: GitHub may show it on black. Buttons and sliders do nothing in a picture. */
function stillOf(
  { data = [], layout = {} }: StoredFigure,
  frame: StoredFrame | undefined,
): { readonly data: object[]; readonly layout: Record<string, unknown> } {
  const { updatemenus: _menus, sliders: _sliders, meta: _meta, ...rest } = layout;
  return {
    data: data.map((trace, at) => ({ ...trace, ...frame?.data?.[at] })),
    layout: { paper_bgcolor: "#fff", plot_bgcolor: "#fff", ...rest },
  };
}

/** Plans a film strip: evenly spread states, each below its name, three side by side or two wide ones. */
function stripOf(stored: StoredFigure): Picture {
  const frames = evenly(stored.frames ?? [], MOST_TILES);
  const aspect = stored.layout?.meta?.aspect ?? 0.9;
  const columns = aspect > 0.6 ? 3 : 2;
  const width = Math.floor(PICTURE.width / columns);
  const margin = { l: 34, r: 6, t: 34, b: 6 };
  const height = Math.round((width - margin.l - margin.r) * aspect + margin.t + margin.b);
  const top = 40;
  const tiles = frames.map((frame, at): Tile => {
    const { data, layout } = stillOf(stored, frame);
    const title = { text: frame.name ?? "", font: { size: 13 }, x: 0, xref: "paper" };
    const [x, y] = [(at % columns) * width, top + Math.floor(at / columns) * height];
    const figure = { data, layout: { ...layout, title, margin, showlegend: false } };
    return { figure, x, y, width, height };
  });
  const rows = Math.ceil(frames.length / columns);
  const title = stored.layout?.title as { text?: string } | undefined;
  const size = { ...PICTURE, height: top + rows * height };
  return { size, title: title?.text ?? "", tiles };
}

/** Picks at most so many items, the first and the last among them. */
function evenly<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(items.length, most);
  return Array.from(
    { length: count },
    (_, i) => items[Math.round(i * (items.length - 1) / Math.max(1, count - 1))]!,
  );
}

interface Canvas {
  width: number;
  height: number;
  getContext(kind: string): {
    font: string;
    fillStyle: string;
    fillRect(x: number, y: number, width: number, height: number): void;
    fillText(text: string, x: number, y: number): void;
    drawImage(image: unknown, x: number, y: number): void;
  };
  toDataURL(type: string): string;
}

interface Page {
  Plotly: { toImage(figure: object, options: object): Promise<string> };
  document: {
    createElement(name: "canvas"): Canvas;
    createElement(name: "textarea"): { innerHTML: string; value: string };
    createElement(name: "img"): { src: string; decode(): Promise<void> };
  };
}

/** Draws the picture as base64; runs in the page. */
async function drawPicture({ size, title, tiles }: Picture): Promise<string> {
  const { Plotly, document } = globalThis as unknown as Page;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: size.width, height: size.height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size.width, size.height);
  context.fillStyle = "#444";
  context.font = "16px 'Open Sans', verdana, arial, sans-serif";
  const words = document.createElement("textarea"); // reads entities as Plotly does
  words.innerHTML = title;
  context.fillText(words.value, 16, 25);
  for (const { figure, x, y, width, height } of tiles) {
    const image = document.createElement("img");
    const layout = { ...figure.layout, width, height };
    const options = { format: "png", width, height, scale: size.scale };
    image.src = await Plotly.toImage({ data: figure.data, layout }, options);
    await image.decode();
    context.drawImage(image, x, y);
  }
  const url = canvas.toDataURL("image/png");
  return url.slice(url.indexOf(",") + 1);
}
