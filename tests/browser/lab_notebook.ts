/** Notebook that is open in JupyterLab, controlled by JupyterLab's own commands. */

import type { Locator, Page } from "playwright-core";

/** Plotly trace on the page or in the notebook's model: its name and its number of points. */
export interface DrawnTrace {
  readonly name: string;
  readonly points: number;
}

/** Parts of JupyterLab's application object that the tests use. */
interface LabWindow {
  readonly jupyterapp: {
    readonly commands: { execute(name: string, args?: object): Promise<unknown> };
    readonly shell: { readonly currentWidget: NotebookPanel };
  };
}

interface NotebookPanel {
  readonly context?: {
    readonly isReady: boolean;
    readonly model: { toJSON(): object };
    save(): Promise<void>;
  };
  readonly sessionContext: {
    readonly isReady: boolean;
    readonly session: { readonly kernel: { readonly status: string } | null } | null;
  };
  readonly content: {
    readonly widgets: readonly { readonly model: { toJSON(): CellJson } }[];
    scrollToItem(index: number, align?: string): Promise<void>;
    activeCellIndex: number;
    deselectAll(): void;
  };
}

/** Cell in the notebook file. */
export interface CellJson {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs?: readonly OutputJson[];
}

/** Output in the notebook file. */
export interface OutputJson {
  readonly output_type: string;
  readonly ename?: string;
  readonly evalue?: string;
  readonly name?: string;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Opens a notebook and waits for its kernel. */
export async function openNotebook(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction(() => {
    const lab = globalThis as unknown as Partial<LabWindow>;
    const panel = lab.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext.isReady &&
      panel.sessionContext.session?.kernel?.status === "idle";
  });
}

/** Runs one cell and waits until it is done. */
export async function runCell(page: Page, cell: number): Promise<void> {
  await page.evaluate((cell) => {
    const { content } = (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget;
    content.activeCellIndex = cell;
    content.deselectAll();
  }, cell);
  await command(page, "notebook:run-cell");
}

/** Saves the notebook where it was opened. */
export async function save(page: Page): Promise<void> {
  await page.evaluate(() =>
    (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget.context!.save()
  );
}

/** Runs a command of JupyterLab and waits for its end. */
export async function command(page: Page, name: string, args: object = {}): Promise<void> {
  await page.evaluate(async ({ name, args }) => {
    await (globalThis as unknown as LabWindow).jupyterapp.commands.execute(name, args as object);
  }, { name, args });
}

/**
 * Changes JupyterLab's theme, and waits until its splash screen has gone: JupyterLab throws if the next one
 * comes before.
 */
export async function changeTheme(page: Page, theme: "Light" | "Dark"): Promise<void> {
  await command(page, "apputils:change-theme", { theme: `JupyterLab ${theme}` });
  await page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
}

/** Runs all cells and waits until the kernel is idle. */
export async function runAll(page: Page): Promise<void> {
  await command(page, "notebook:run-all-cells");
  await page.waitForFunction(() => {
    const { currentWidget } = (globalThis as unknown as LabWindow).jupyterapp.shell;
    return currentWidget.sessionContext.session?.kernel?.status === "idle";
  });
}

/** Returns the cells with their outputs, as they would be saved. */
export function cells(page: Page): Promise<CellJson[]> {
  return page.evaluate(() => {
    const { content } = (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget;
    return content.widgets.map((cell) => cell.model.toJSON());
  });
}

/** Returns the text of the notebook file, as it would be saved. */
export async function notebookText(page: Page): Promise<string> {
  const notebook = await page.evaluate(() =>
    (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget.context!.model.toJSON()
  );
  return JSON.stringify(notebook);
}

/** Scrolls to a cell, so that JupyterLab draws it. */
export async function scrollTo(page: Page, cell: number): Promise<void> {
  await page.evaluate(async (cell) => {
    const { content } = (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget;
    content.activeCellIndex = cell;
    await content.scrollToItem(cell, "start");
  }, cell);
}

/** Returns the element of a cell after JupyterLab has drawn it. */
export function cellElement(page: Page, cell: number): Locator {
  return page.locator(`.jp-Cell[data-windowed-list-index="${cell}"]`);
}

/** Scrolls to every cell once and reads its plots. */
export async function plotsOfAll(page: Page): Promise<DrawnTrace[][][]> {
  const drawn: DrawnTrace[][][] = [];
  for (const [at, cell] of (await cells(page)).entries()) {
    await scrollTo(page, at);
    const expected = figuresOf(cell).length;
    await page.waitForFunction(({ at, expected }) => {
      const { document } = globalThis as unknown as { document: SearchableDocument };
      const selector = `.jp-Cell[data-windowed-list-index="${at}"] .js-plotly-plot .main-svg`;
      return expected === 0 || document.querySelectorAll(selector).length >= expected;
    }, { at, expected });
    drawn.push(await plotsOf(page, at));
  }
  return drawn;
}

interface SearchableDocument {
  querySelectorAll(selector: string): { readonly length: number };
}

/** Returns the figures in a cell's outputs, with which its plots are compared. */
export function figuresOf(cell: CellJson): DrawnTrace[][] {
  const figures = (cell.outputs ?? []).flatMap(({ data }) => {
    const figure = data?.["application/vnd.plotly.v1+json"] as PlotElement | undefined;
    return figure ? [figure] : [];
  });
  return figures.map((figure) => (figure.data ?? []).map(toDrawn));
}

/** Counts the points of a trace. An image counts as one point. */
function toDrawn({ name, y, z, source }: PlotTrace): DrawnTrace {
  const points = source === undefined ? (y ?? z ?? []).length : 1;
  return { name: name ?? "", points };
}

interface PlotTrace {
  readonly name?: string;
  readonly y?: readonly unknown[];
  readonly z?: readonly unknown[];
  readonly source?: string;
}

/** Plot or figure, with the properties that are read here. */
interface PlotElement {
  readonly data?: readonly PlotTrace[];
}

/** Returns the plots in a cell's output, in order. */
export function plotsOf(page: Page, cell: number): Promise<DrawnTrace[][]> {
  return drawnIn(cellElement(page, cell).locator(".js-plotly-plot"));
}

/** Reads the traces of plots. */
export async function drawnIn(plots: Locator): Promise<DrawnTrace[][]> {
  const drawn = await plots.evaluateAll((elements) =>
    elements.map((element) =>
      ((element as unknown as PlotElement).data ?? []).map(({ name, y, z, source }) => ({
        name,
        y,
        z,
        source,
      }))
    )
  );
  return drawn.map((traces) => traces.map((trace) => toDrawn(trace as PlotTrace)));
}
