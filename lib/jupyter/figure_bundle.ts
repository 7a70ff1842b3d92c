/** Converts figures to bundles that JupyterLab, VS Code, an exported page or a terminal can show. */
import { check, checkOptions, finiteNumber, instanceOf, type Kinds, text } from "../check/mod.ts";
import { Figure } from "../plot/mod.ts";
import { elementBefore } from "./element_before.ts";
import { escapeHtml, plotlyText, scriptJson } from "./escape.ts";
import type { MediaBundle } from "./kernel.ts";

/** Options of a shown figure. */
export interface FigureOptions {
  /**
   * Height in pixels, if the layout of the figure has none; 380 by default. The width is that of
   * the page.
   */
  readonly height?: number;
}

/** Figure as JSON, as the script in the page draws it. */
export interface FigureSpec {
  /** Identifier, the same for a figure and its updates. */
  readonly id: string;
  /** Traces as JSON. */
  readonly data: readonly unknown[];
  /** Layout as JSON. Its `meta` contains what plotly.js does not draw. */
  readonly layout: Readonly<Record<string, unknown>> & { readonly meta?: FigureMeta };
  /** Settings of Plotly's toolbar. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Frames as JSON, if there are any. */
  readonly frames?: readonly unknown[];
}

/** Parts of a figure that plotly.js does not draw. */
interface FigureMeta {
  /** Alternative text: one sentence for readers who cannot see the figure. */
  readonly alt: string;
  /** Changes of the layout for narrow pages. */
  readonly narrow?: Readonly<Record<string, unknown>>;
  /** Height of the drawing divided by its width, if the ratio is fixed. */
  readonly aspect?: number;
}

/** Toolbar without the button that uploads the figure to a company's server. */
const config = {
  displaylogo: false,
  showSendToCloud: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "sendChartToCloud"],
};

/** Kinds of {@linkcode FigureOptions}. */
export const FIGURE_KINDS: Kinds<FigureOptions> = { height: finiteNumber({ above: 0 }) };

/** Keys whose strings are addresses, names or plain text, not Plotly's markup. */
const verbatimKeys: ReadonlySet<string> = new Set(["source", "src", "href", "bdata", "uid", "alt"]);

/**
 * Converts a figure to a bundle for every kind of frontend: plotly.js's media type, HTML, and one
 * line of text.
 *
 * @throws {TypeError | RangeError} if the value is not a figure, or an option is unknown or wrong.
 */
export function figureBundle(
  figure: Figure,
  options: FigureOptions & { readonly id?: string } = {},
): MediaBundle {
  check("show a figure", { figure }, instanceOf(Figure));
  checkOptions("show a figure", options, { kinds: { ...FIGURE_KINDS, id: text } });
  const { id = crypto.randomUUID(), height = 380 } = options;
  const spec = figureSpec(figure, { id, height });
  const { id: _, ...json } = spec;
  return {
    "application/vnd.plotly.v1+json": json,
    "text/html": figureHtml(spec),
    "text/plain": figureText(figure),
  };
}

/**
 * Converts a figure to JSON: typed arrays become arrays, texts are escaped, and size and zoom
 * behaviour are added.
 */
function figureSpec(
  figure: Figure,
  options: { readonly id: string; readonly height: number },
): FigureSpec {
  const { narrow, aspect } = figure;
  const data = plain(figure.data) as unknown[];
  const layout = {
    height: options.height,
    autosize: true,
    uirevision: "kept", // a reader's zoom outlives an update
    margin: { l: 60, r: 20, t: titleText(figure) === "" ? 20 : 50, b: 50 },
    ...plain(figure.layout) as Record<string, unknown>,
    meta: plain({ alt: altText(figure), narrow, aspect }) as FigureMeta,
  };
  const frames = figure.frames.length > 0 ? { frames: plain(figure.frames) as unknown[] } : {};
  return { id: options.id, data, layout, config, ...frames };
}

/** Returns the alternative text of a figure, or makes one from its title and traces. */
function altText(figure: Figure): string {
  return figure.alt ?? figureText(figure);
}

/** Describes a figure in one line: the title, each trace with its number of points, and its frames. */
export function figureText(figure: Figure): string {
  const title = titleText(figure);
  const parts = figure.data.filter(isListed).map(traceText);
  if (figure.frames.length > 0) parts.push(counted(figure.frames.length, "frame"));
  return `Figure${title === "" ? "" : ` "${title}"`} (${parts.join("; ") || "empty"})`;
}

/**
 * Tells whether a trace is described. Traces that only belong to another one are not, such as the
 * single values behind a line.
 */
function isListed(trace: object): boolean {
  const { showlegend, hoverinfo, type, opacity } = trace as Record<string, unknown>;
  return !(showlegend === false && hoverinfo === "skip") && !(type === "heatmap" && opacity === 0);
}

/** Describes a trace, such as "D: scatter, 3 points". An image is described by its name. */
function traceText(trace: object): string {
  const { name, type = "scatter" } = trace as { name?: string; type?: string };
  if (type === "image") return name ?? type;
  const points = counted(countPoints(trace), "point");
  return `${name === undefined ? "" : `${name}: `}${type}, ${points}`;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

/**
 * Makes a box with a message, and the script that draws the figure in it. The message is shown if
 * scripts do not run.
 */
function figureHtml(spec: FigureSpec): string {
  const height = Number(spec.layout.height);
  return `<div class="gan-figure" data-figure="${escapeHtml(spec.id)}" ` +
    `aria-label="${escapeHtml(spec.layout.meta?.alt ?? "Figure")}" role="group" ` +
    `style="height:${height}px;margin-bottom:8px">` +
    `<p>The plot is not drawn yet. Run the notebook's first code cell, the one with ` +
    `<code>startNotebook()</code>; in a notebook from somewhere else, trust it first ` +
    `(JupyterLab: View &gt; Activate Command Palette &gt; Trust Notebook).</p></div>` +
    `<script>(()=>{${elementBefore}\n(${placeFigure})` +
    `(elementBefore(document.currentScript),${scriptJson(spec)});})();</script>`;
}

interface WaitingPage {
  ganNotebooks?: { waiting: unknown[]; draw?: (box: unknown, spec: unknown) => void };
}

interface FigureBox {
  firstElementChild: { style: { visibility: string } } | null;
}

/**
 * Draws the figure in the page, or waits for the start-up cell and shows the message after a while.
 * The function is copied to the page as text, so it cannot use anything outside it.
 */
function placeFigure(box: FigureBox, spec: FigureSpec): void {
  const page = (globalThis as WaitingPage).ganNotebooks ??= { waiting: [] };
  if (page.draw) {
    page.draw(box, spec);
    return;
  }
  page.waiting.push([box, spec]);
  const words = box.firstElementChild;
  if (words) {
    words.style.visibility = "hidden";
    setTimeout(() => words.style.visibility = "visible", 4000);
  }
}

/** Copies arrays and objects to plain ones, and escapes all texts for Plotly. */
function plain(value: unknown, key = ""): unknown {
  if (typeof value === "string") return verbatimKeys.has(key) ? value : plotlyText(value);
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Float32Array) return Array.from(value, shortest);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, Number);
  if (Array.isArray(value)) return value.map((item) => plain(item, key));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, plain(item, name)]));
}

/** Finds the shortest decimal for a 32-bit number: .1 instead of .10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

function titleText(figure: Figure): string {
  const title: unknown = figure.layout.title;
  if (typeof title === "string") return title;
  const text = (title as { text?: unknown } | undefined)?.text;
  return typeof text === "string" ? text : "";
}

/** Counts the points of a trace, the cells of a heatmap, or the slices of a pie. */
function countPoints(trace: object): number {
  const { y, x, z, values } = trace as Record<"y" | "x" | "z" | "values", unknown>;
  if (isList(z) && isList(z[0])) return z.length * z[0].length;
  const list = [y, x, z, values].find(isList);
  return list?.length ?? 0;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}
