/** Draws the figures of an executed notebook as pictures, with plotly.js in headless Chromium. */

import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { plotlyFile } from "../../../lib/jupyter/ready_bundle.ts";
import { codeCells, type MimeBundle, type Notebook } from "../notebook/nbformat.ts";
import { PLOTLY_TYPE } from "./normalise.ts";

/** Size of a picture in CSS pixels, and how many pixels each is. */
const PICTURE = { width: 700, height: 380, scale: 1 };

/** Adds an `image/png` to every figure of the notebook; returns how many there are. */
export async function addPictures(notebook: Notebook, executablePath: string): Promise<number> {
  const figures = codeCells(notebook).flatMap(({ outputs }) => outputs).flatMap((output) =>
    "data" in output && output.data[PLOTLY_TYPE] !== undefined ? [output.data] : []
  );
  if (figures.length === 0) return 0;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.setContent("<!doctype html><title>Figures</title><body></body>");
    await page.addScriptTag({ path: fileURLToPath(await plotlyFile()) });
    for (const data of figures) {
      data["image/png"] = await page.evaluate(drawPicture, pictureOf(data));
    }
  } finally {
    await browser.close();
  }
  return figures.length;
}

interface Picture {
  readonly figure: { data: unknown; layout: Record<string, unknown> };
  readonly size: typeof PICTURE;
}

/** A figure as the notebook has it. */
interface StoredFigure {
  readonly data?: readonly object[];
  readonly layout?: Record<string, unknown>;
  readonly frames?: readonly { readonly data?: readonly object[] }[];
}

/** Returns what is drawn as a picture: of a figure that moves, its end. */
export function pictureOf(data: MimeBundle): Picture {
  const { data: traces = [], layout = {}, frames = [] } = data[PLOTLY_TYPE] as StoredFigure;
  const last = frames.at(-1)?.data ?? [];
  const height = typeof layout.height === "number" ? layout.height : PICTURE.height;
  // White rather than clear: GitHub may show it on black. Buttons do nothing in a picture.
  const { updatemenus: _, ...rest } = layout;
  return {
    figure: {
      data: traces.map((trace, at) => ({ ...trace, ...last[at] })),
      layout: { paper_bgcolor: "#fff", plot_bgcolor: "#fff", ...rest },
    },
    size: { ...PICTURE, height },
  };
}

interface Page {
  Plotly: { toImage(figure: object, options: object): Promise<string> };
}

/** Runs in the page; returns the picture as base64. */
async function drawPicture({ figure, size }: Picture): Promise<string> {
  const { Plotly } = globalThis as unknown as Page;
  const { width, height } = size;
  const layout = { ...figure.layout, width, height };
  const url = await Plotly.toImage({ data: figure.data, layout }, { format: "png", ...size });
  return url.slice(url.indexOf(",") + 1);
}
