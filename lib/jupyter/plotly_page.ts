/**
 * Script that the start-up cell puts into the page: plotly.js, and functions that draw our figures
 * with it.
 */
import { elementBefore } from "./element_before.ts";
import type { FigureSpec } from "./figure_bundle.ts";

/** Functions of plotly.js that the page uses. */
interface Plotly {
  readonly version: string;
  react(plot: PlotElement, figure: PlotlyFigure): Promise<unknown>;
  relayout(plot: PageElement, patch: unknown): Promise<unknown>;
  animate(plot: PageElement, names: readonly string[], options: object): Promise<unknown>;
  readonly Plots: { resize(plot: PageElement): void };
}

/** Complete figure for plotly.js. */
interface PlotlyFigure {
  readonly data: unknown;
  readonly layout: unknown;
  readonly config: unknown;
  readonly frames?: unknown;
}

/** Properties of HTML elements that the page uses. */
interface PageElement {
  readonly isConnected: boolean;
  readonly clientWidth: number;
  readonly parentElement: PageElement | null;
  readonly style: Record<string, string>;
  textContent: string | null;
  append(...children: PageElement[]): void;
  replaceChildren(...children: PageElement[]): void;
  setAttribute(name: string, value: string): void;
}

/** Element in which plotly.js draws, with our own properties. */
interface PlotElement extends PageElement {
  /** True if the present figure has frames. */
  hasFrames?: boolean;
  /** Draws the figure again if its layout depends on the changed width. */
  fit?: () => void;
  /** Layout of the last drawing, as text. */
  drawn?: string;
  /** State of plotly.js behind the drawing. */
  readonly _fullLayout?: { readonly sliders?: readonly { _dragging?: boolean }[] };
  on?(event: string, listener: (event: { readonly name?: string }) => void): void;
  removeAllListeners?(event: string): void;
}

/** HTML element of a range input. */
interface RangeElement extends PageElement {
  value: string;
  oninput: (() => void) | null;
}

/** State that all our notebooks in one page share, because the tabs of JupyterLab have one `window`. */
interface Shared {
  waiting: [PageElement, FigureSpec][];
  shown?: Map<string, WeakRef<PlotElement>[]>;
  draw?: (box: PageElement, spec: FigureSpec) => void;
}

interface Page {
  Plotly?: Plotly;
  ganNotebooks?: Shared;
  document: {
    readonly head: PageElement;
    readonly body: PageElement;
    createElement(name: string): PageElement;
    querySelectorAll(selector: string): Iterable<PageElement>;
  };
  getComputedStyle(element: PageElement): { color: string; backgroundColor: string };
  ResizeObserver: new (callback: () => void) => { observe(element: PageElement): void };
  MutationObserver: new (callback: () => void) => {
    observe(element: PageElement, options: object): void;
  };
}

/** Makes the JavaScript that draws in the page; `packed` is plotly.js, compressed with gzip, in base 64. */
export function pageScript(packed: string): string {
  const parts = [
    elementBefore,
    loadPlotly,
    pageTheme,
    wrapText,
    marginOf,
    widestOf,
    fitLayout,
    labelledRange,
    rangeInput,
    showFigure,
    drawFigure,
    followTheme,
    startPage,
  ];
  return `(()=>{${
    parts.join("\n")
  }\nstartPage(globalThis,elementBefore(document.currentScript),"${packed}");})();`;
}

/** Loads plotly.js, then draws the waiting figures. Errors are shown in the line above the script. */
async function startPage(
  page: Page,
  line: PageElement | null,
  packed: string,
): Promise<void> {
  const shared = page.ganNotebooks ??= { waiting: [] };
  try {
    await loadPlotly(page, packed);
    shared.shown ??= new Map();
    if (!shared.draw) followTheme(page);
    shared.draw = (box, spec) => drawFigure(page, box, spec);
    for (const [box, spec] of shared.waiting.splice(0)) shared.draw(box, spec);
  } catch (error) {
    if (line) line.textContent = `Plots cannot be drawn in this browser: ${error}`;
  }
}

/** Loads plotly.js, unless the page already has one of the same major version. */
async function loadPlotly(page: Page, packed: string): Promise<void> {
  if (page.Plotly?.version?.startsWith("4.")) return;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = page.document.createElement("script");
  script.textContent = await new Response(stream).text();
  page.document.head.append(script);
}

/** Draws in the box. An update reuses the earlier plot, so that it does not flicker and keeps its zoom. */
function drawFigure(page: Page, box: PageElement, spec: FigureSpec): void {
  const { ganNotebooks } = page;
  const earlier = ganNotebooks?.shown?.get(spec.id) ?? [];
  // An earlier plot that is still on the page belongs to a second view of the notebook.
  const kept = earlier.map((ref) => ref.deref()).find((plot) => plot && !plot.isConnected);
  const plot: PlotElement = kept ?? page.document.createElement("div");
  plot.setAttribute("role", "img");
  // Figures of other libraries have no alternative text.
  plot.setAttribute("aria-label", spec.layout.meta?.alt ?? "Figure");
  box.replaceChildren(plot);
  const range = rangeInput(page, plot, spec);
  if (range) box.append(range);
  showFigure(page, plot, { box, spec, room: range ? 30 : 0 });
  if (kept) return;
  ganNotebooks?.shown?.set(spec.id, [...earlier.filter((ref) => ref.deref()), new WeakRef(plot)]);
  let width = plot.clientWidth;
  new page.ResizeObserver(() => {
    if (plot.clientWidth === 0 || plot.clientWidth === width) return;
    width = plot.clientWidth;
    plot.fit?.();
    page.Plotly?.Plots.resize(plot);
  }).observe(plot);
}

/** Figure, its box, and the additional height of the box in pixels. */
interface Shown {
  readonly box: PageElement;
  readonly spec: FigureSpec;
  readonly room: number;
}

/** Draws the figure with the layout for its width. Later `plot.fit` draws it again if another layout fits. */
function showFigure(page: Page, plot: PlotElement, { box, spec, room }: Shown): void {
  const { data, config } = spec;
  box.style.maxWidth = widestOf(spec.layout); // first, because the layout follows the width
  const draw = () => {
    const layout = fitLayout(spec.layout, plot.clientWidth);
    plot.drawn = JSON.stringify(layout);
    plot.style.height = `${layout.height}px`;
    box.style.height = `${Number(layout.height) + room}px`;
    // Earlier frames would remain. An empty list is passed only then, because plotly.js does not
    // accept it for every plot.
    const frames = spec.frames ?? (plot.hasFrames ? [] : undefined);
    plot.hasFrames = spec.frames !== undefined;
    const themed = { ...layout, template: pageTheme(page, plot) };
    page.Plotly?.react(plot, { data, layout: themed, config, ...(frames && { frames }) });
  };
  plot.fit = () => {
    const fitting = JSON.stringify(fitLayout(spec.layout, plot.clientWidth));
    if (fitting !== plot.drawn) draw();
  };
  draw();
}

/** Breaks a text into lines with a maximum number of characters. A longer word gets its own line. */
function wrapText(text: string, most: number): { text: string; lines: number } {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? "";
    if (line !== "" && line.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return { text: lines.join("<br>"), lines: lines.length };
}

/** Completes the margins of a layout. */
function marginOf(margin: unknown) {
  return {
    l: 60,
    r: 20,
    t: 50,
    b: 50,
    ...margin as Partial<Record<"l" | "r" | "t" | "b", number>>,
  };
}

/**
 * Computes the width from which a figure of square panels only gets wider gaps, as a CSS length; no text and
 * no slider is squeezed.
 */
function widestOf({ meta, margin, height }: FigureSpec["layout"]): string {
  if (!meta?.aspect) return "";
  const { l, r, t, b } = marginOf(margin);
  const room = Number(height) - t - b;
  return `${Math.max(700, Math.round(room / meta.aspect) + l + r)}px`;
}

/** Adapts a layout to a width: the arrangement for narrow pages, and titles in several lines. */
function fitLayout(layout: FigureSpec["layout"], width: number): Record<string, unknown> {
  const { meta, ...wide } = layout;
  const narrow = width > 0 && width < 560 ? meta?.narrow : undefined;
  const fitted: Record<string, unknown> = { ...wide, ...narrow };
  const margin = marginOf(fitted.margin);
  if (width > 0 && meta?.aspect && !narrow) { // the arrangement for narrow pages has its own height
    const needed = (width - margin.l - margin.r) * meta.aspect + margin.t + margin.b;
    fitted.height = Math.min(Number(fitted.height), Math.round(needed));
  }
  const title = fitted.title as { text?: string; subtitle?: { text?: string } } | undefined;
  if (width === 0 || typeof title?.text !== "string") return fitted;
  const available = width - margin.l - 12;
  const main = wrapText(title.text, available / 8.6);
  const below = wrapText(title.subtitle?.text ?? "", available / 6.4);
  const more = (main.lines - 1) * 21 + (below.lines - 1) * 16;
  const subtitle = title.subtitle && { subtitle: { ...title.subtitle, text: below.text } };
  return {
    ...fitted,
    // plotly.js centers several lines at the position of the first line.
    title: { ...title, text: main.text, pad: { t: main.lines > 1 ? 21 : 10 }, ...subtitle },
    margin: { ...margin, t: margin.t + more },
    height: Number(fitted.height) + more,
  };
}

/**
 * Makes a range input that moves the figure through its frames, because Plotly's slider cannot be
 * used with a keyboard.
 */
function rangeInput(page: Page, plot: PlotElement, spec: FigureSpec): PageElement | undefined {
  const sliders = spec.layout.sliders as { active?: number }[] | undefined;
  const names = (spec.frames as { name: string }[] | undefined)?.map(({ name }) => name) ?? [];
  if (!sliders?.length || names.length === 0) return undefined;
  const { label, words, input } = labelledRange(page, names.length - 1);
  const say = (at: number) => {
    input.value = String(at);
    input.setAttribute("aria-valuetext", names[at] ?? "");
    words.textContent = names[at] ?? "";
  };
  say(sliders[0]?.active ?? 0);
  const now = { mode: "immediate", transition: { duration: 0 } };
  input.oninput = () => {
    say(Number(input.value));
    const name = names[Number(input.value)];
    if (name === undefined) return;
    page.Plotly?.animate(plot, [name], { ...now, frame: { duration: 0, redraw: true } });
  };
  // plotly.js adds these methods to its element at the first drawing, which comes later.
  setTimeout(() => {
    for (const event of ["plotly_animatingframe", "plotly_sliderend"]) {
      plot.removeAllListeners?.(event);
    }
    plot.on?.("plotly_animatingframe", ({ name }) => {
      const at = names.indexOf(name ?? "");
      if (at >= 0) say(at);
    });
    // A slider that is let go while plotly.js draws would stay held, and its text would stand still.
    plot.on?.("plotly_sliderend", () => {
      for (const slider of plot._fullLayout?.sliders ?? []) slider._dragging = false;
    });
  }, 0);
  return label;
}

/** Makes a range input from 0 to `last`, with a text before it. */
function labelledRange(page: Page, last: number) {
  const make = (tag: string, attributes: Record<string, string>) => {
    const element = page.document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const label = make("label", {
    class: "gan-range",
    style: "display:flex;gap:8px;height:30px;padding:0 16px;align-items:center",
    "data-lm-suppress-shortcuts": "true", // JupyterLab's shortcuts would take the arrow keys
  });
  const words = make("span", { style: "min-width:9em;font-variant-numeric:tabular-nums" });
  const input = make("input", {
    ...{ type: "range", min: "0", max: String(last), step: "1" },
    style: "flex:1;min-width:0",
  }) as RangeElement;
  label.append(words, input);
  return { label, words, input };
}

/** Makes a Plotly template in the colours of the page, light or dark. */
function pageTheme(page: Page, plot: PageElement): object {
  const clear = "rgba(0,0,0,0)";
  const color = page.getComputedStyle(plot).color;
  let background = "#fff";
  for (let around: PageElement | null = plot; around; around = around.parentElement) {
    const { backgroundColor } = page.getComputedStyle(around);
    if (!backgroundColor || backgroundColor === "transparent") continue;
    if (/^rgba\(.*, 0\)$/.test(backgroundColor)) continue;
    background = backgroundColor;
    break;
  }
  const grid = "rgba(128,128,128,0.25)";
  const line = "rgba(128,128,128,0.5)";
  const spike = { spikecolor: line, spikethickness: 1, spikedash: "solid" };
  const axis = { gridcolor: grid, zerolinecolor: line, linecolor: grid, ...spike };
  return {
    layout: {
      font: { color },
      paper_bgcolor: clear,
      plot_bgcolor: clear,
      hoverlabel: { bgcolor: background, font: { color } },
      legend: { bgcolor: clear },
      modebar: { bgcolor: clear, color: "rgba(128,128,128,0.7)", activecolor: color },
      xaxis: axis,
      yaxis: axis,
    },
  };
}

/** Changes the colours of all plots when JupyterLab changes its theme. */
function followTheme(page: Page): void {
  const recolour = () => {
    for (const plot of page.document.querySelectorAll(".gan-figure .js-plotly-plot")) {
      page.Plotly?.relayout(plot, { template: pageTheme(page, plot) });
    }
  };
  const attributes = ["data-jp-theme-name", "data-jp-theme-light"];
  new page.MutationObserver(recolour)
    .observe(page.document.body, { attributes: true, attributeFilter: attributes });
}
