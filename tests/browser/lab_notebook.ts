/** A notebook that is open in JupyterLab, driven through JupyterLab's own commands. */

import type { Page } from "playwright-core";

/** A Plotly trace on the page, or in the notebook's model: its name and its number of points. */
export interface DrawnTrace {
  readonly name: string;
  readonly points: number;
}

/** The parts of JupyterLab's application object that the tests use. */
interface LabWindow {
  readonly jupyterapp: {
    readonly commands: { execute(name: string, args?: object): Promise<unknown> };
    readonly shell: { readonly currentWidget: NotebookPanel };
  };
}

interface NotebookPanel {
  readonly context?: { readonly isReady: boolean; save(): Promise<void> };
  readonly sessionContext: {
    readonly isReady: boolean;
    readonly session: { readonly kernel: { readonly status: string } | null } | null;
  };
  readonly content: {
    readonly widgets: readonly { readonly model: { toJSON(): CellJson } }[];
    scrollToItem(index: number, align?: string): Promise<void>;
    activeCellIndex: number;
  };
}

/** A cell as the notebook file has it. */
export interface CellJson {
  readonly cell_type: string;
  readonly source: string | readonly string[];
  readonly outputs?: readonly OutputJson[];
}

/** An output as the notebook file has it. */
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
  await page.waitForFunction(
    () => {
      const lab = globalThis as unknown as Partial<LabWindow>;
      const panel = lab.jupyterapp?.shell.currentWidget;
      return panel?.context?.isReady && panel.sessionContext.isReady &&
        panel.sessionContext.session?.kernel?.status === "idle";
    },
    undefined,
    { timeout: 120_000 },
  );
}

/** Runs one of JupyterLab's commands and waits for what it waits for. */
export async function command(page: Page, name: string, args: object = {}): Promise<void> {
  await page.evaluate(async ({ name, args }) => {
    await (globalThis as unknown as LabWindow).jupyterapp.commands.execute(name, args as object);
  }, { name, args });
}

/** Runs all cells and waits until the kernel is idle. */
export async function runAll(page: Page): Promise<void> {
  await command(page, "notebook:run-all-cells");
  await page.waitForFunction(() => {
    const { currentWidget } = (globalThis as unknown as LabWindow).jupyterapp.shell;
    return currentWidget.sessionContext.session?.kernel?.status === "idle";
  });
}

/** The cells with their outputs, as a save would write them. */
export function cells(page: Page): Promise<CellJson[]> {
  return page.evaluate(() => {
    const { content } = (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget;
    return content.widgets.map((cell) => cell.model.toJSON());
  });
}

/** Brings a cell into view, which also makes JupyterLab draw it. */
export async function scrollTo(page: Page, cell: number): Promise<void> {
  await page.evaluate(async (cell) => {
    const { content } = (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget;
    content.activeCellIndex = cell;
    await content.scrollToItem(cell, "start");
  }, cell);
}

/** An element as far as it is read here. */
interface PlotElement {
  readonly data?: readonly { readonly name?: string; readonly y?: readonly unknown[] }[];
}

/** The plots in one cell's output, in their order. */
export function plotsOf(page: Page, cell: number): Promise<DrawnTrace[][]> {
  return page.locator(`.jp-Cell[data-windowed-list-index="${cell}"] .js-plotly-plot`)
    .evaluateAll((plots) =>
      plots.map((plot) =>
        ((plot as unknown as PlotElement).data ?? []).map(({ name, y }) => ({
          name: name ?? "",
          points: y?.length ?? 0,
        }))
      )
    );
}
