/** The script that the start-up cell leaves in the page: plotly.js, and how our figures are drawn with it. */
import type { FigureSpec } from "./figure_bundle.ts";

/** The parts of plotly.js that the page uses. */
interface Plotly {
  readonly version: string;
  react(plot: PageElement, figure: PlotlyFigure): Promise<unknown>;
  relayout(plot: PageElement, patch: unknown): Promise<unknown>;
  readonly Plots: { resize(plot: PageElement): void };
}

/** A figure as plotly.js takes it whole. */
interface PlotlyFigure {
  readonly data: unknown;
  readonly layout: unknown;
  readonly config: unknown;
  readonly frames?: unknown;
}

/** The parts of an HTML element that the page uses. */
interface PageElement {
  readonly isConnected: boolean;
  readonly clientWidth: number;
  readonly parentElement: PageElement | null;
  readonly style: Record<string, string>;
  textContent: string | null;
  /** Ours: whether the plot that is drawn in it has frames. */
  hasFrames?: boolean;
  append(child: PageElement): void;
  replaceChildren(child: PageElement): void;
}

/** What all our notebooks in one page share: JupyterLab's tabs have one `window`. */
interface Shared {
  waiting: [PageElement, FigureSpec][];
  shown?: Map<string, WeakRef<PageElement>[]>;
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

/** JavaScript that makes the page able to draw; `packed` is plotly.js, gzipped, in base 64. */
export function pageScript(packed: string): string {
  const parts = [loadPlotly, pageTheme, drawFigure, followTheme, startPage];
  return `(()=>{${
    parts.join("\n")
  }\nstartPage(globalThis,document.currentScript,"${packed}");})();`;
}

/** Loads plotly.js, then draws what has been waiting; what goes wrong is said before the script. */
async function startPage(
  page: Page,
  script: { readonly previousElementSibling: PageElement | null } | null,
  packed: string,
): Promise<void> {
  const shared = page.ganNotebooks ??= { waiting: [] };
  const words = script?.previousElementSibling;
  try {
    await loadPlotly(page, packed);
    shared.shown ??= new Map();
    if (!shared.draw) followTheme(page);
    shared.draw = (box, spec) => drawFigure(page, box, spec);
    for (const [box, spec] of shared.waiting.splice(0)) shared.draw(box, spec);
  } catch (error) {
    if (words) words.textContent = `Plots cannot be drawn in this browser: ${error}`;
  }
}

/** Leaves a plotly.js of our major version alone, whoever brought it. */
async function loadPlotly(page: Page, packed: string): Promise<void> {
  if (page.Plotly?.version?.startsWith("4.")) return;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = page.document.createElement("script");
  script.textContent = await new Response(stream).text();
  page.document.head.append(script);
}

/** Draws in the box; an update gets the plot it had, so nothing flickers and a zoom stays. */
function drawFigure(page: Page, box: PageElement, spec: FigureSpec): void {
  const { Plotly, ganNotebooks } = page;
  const earlier = ganNotebooks?.shown?.get(spec.id) ?? [];
  // An earlier plot that is still on the page belongs to a second view of the notebook.
  const kept = earlier.map((ref) => ref.deref()).find((plot) => plot && !plot.isConnected);
  const plot = kept ?? page.document.createElement("div");
  box.style.height = plot.style.height = `${spec.layout.height}px`;
  box.replaceChildren(plot);
  const layout = { ...spec.layout, template: pageTheme(page, plot) };
  const { data, config } = spec;
  // Earlier frames would stay; and plotly.js does not take an empty list on every plot.
  const frames = spec.frames ?? (plot.hasFrames ? [] : undefined);
  plot.hasFrames = spec.frames !== undefined;
  Plotly?.react(plot, { data, layout, config, ...(frames && { frames }) });
  if (kept) return;
  ganNotebooks?.shown?.set(spec.id, [...earlier.filter((ref) => ref.deref()), new WeakRef(plot)]);
  let width = plot.clientWidth;
  new page.ResizeObserver(() => {
    if (plot.clientWidth === 0 || plot.clientWidth === width) return;
    width = plot.clientWidth;
    Plotly?.Plots.resize(plot);
  }).observe(plot);
}

/** Plotly's template in the page's own colours, light or dark. */
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

/** Recolours the plots when JupyterLab changes its theme. */
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
