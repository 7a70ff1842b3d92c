/** Grids of small images, at one time and over training. */
import { type Data, Figure, type FigureFrame, type Layout } from "./figure.ts";
import {
  countImages,
  FEW_SHADES,
  layOut,
  type Sheet,
  sheetOffset,
  sheetSource,
  squareColumns,
} from "./picture.ts";
import { plainText, titleOf } from "./theme.ts";

/** What {@linkcode imagesFigure} can be told besides the images. */
export interface ImagesFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** How many images are side by side; as many as make the grid nearest to a square by default. */
  readonly columns?: number;
  /** What stands at the left of each row, plain text. */
  readonly rowLabels?: readonly string[];
  /** Pixels along an image's edge; 28 by default, as in MNIST. */
  readonly side?: number;
}

/** The images of one training step. */
export interface ImageGrid {
  /** The training step. */
  readonly step: number;
  /** `[count, side * side]` in [0, 1], the same count at every step. */
  readonly images: ArrayLike<number>;
}

/** The largest sheet in CSS pixels: it still fits into a figure that is 700 wide. */
const LARGEST = { width: 610, height: 540 };

/** Where pixels stand, and nothing else about axes. */
const BARE = {
  showgrid: false,
  zeroline: false,
  showline: false,
  ticks: "",
  fixedrange: true,
  constrain: "domain",
} as const;

/**
 * Images `[count, side * side]` in [0, 1] as a grid, row by row; 0 is paper and 1 is ink. All of them are
 * one small PNG, each pixel of which stays a square.
 *
 * @throws {RangeError} if pixels are missing, not numbers or outside of [0, 1] by more than 0.0001; if
 * `columns` or `side` is not a whole number from 1 on; if there are not as many labels as rows.
 */
export function imagesFigure(
  images: ArrayLike<number>,
  {
    title = "Samples",
    side = 28,
    columns = squareColumns(countImages(images, side)),
    rowLabels,
  }: ImagesFigureOptions = {},
): Figure {
  const sheet = layOut(images, { columns, side });
  checkLabels(rowLabels, sheet.rows);
  const trace = sheetTrace(sheet, countImages(images, side));
  return new Figure([trace], gridLayout(sheet, { title, side, rowLabels }));
}

/**
 * The same grid of images at several training steps, with a slider and a play button; it begins with the
 * last.
 *
 * @throws {RangeError} if there is no grid, if two have the same step or not as many images, or as
 * {@linkcode imagesFigure} does.
 */
export function imagesOverTimeFigure(
  grids: readonly ImageGrid[],
  { title = "Samples over training", side = 28, columns, rowLabels }: ImagesFigureOptions = {},
): Figure {
  const count = checkGrids(grids, side);
  const sheetOptions = { columns: columns ?? squareColumns(count), side, shades: FEW_SHADES };
  const sheets = grids.map(({ images }) => layOut(images, sheetOptions));
  const last = sheets.at(-1)!;
  checkLabels(rowLabels, last.rows);
  const sources = sheets.map(sheetSource);
  const frames = grids.map(({ step }, i): FigureFrame => ({
    name: stepName(step),
    data: [{ type: "image", source: sources[i]! }],
  }));
  const layout = withSlider(gridLayout(last, { title, side, rowLabels }), frames);
  return new Figure([sheetTrace(last, count, sources.at(-1)!)], layout, frames);
}

/** The trace that draws a sheet; its name is its text where nothing can be drawn. */
export function sheetTrace(sheet: Sheet, count: number, source = sheetSource(sheet)): Data {
  return {
    type: "image",
    name: `${count.toLocaleString("en-US")} ${count === 1 ? "image" : "images"}`,
    source,
    hoverinfo: "skip",
  };
}

/** The two axes of a sheet. */
export interface SheetAxes {
  /** From left to right. */
  readonly xaxis: NonNullable<Layout["xaxis"]>;
  /** From top to bottom. */
  readonly yaxis: NonNullable<Layout["yaxis"]>;
}

/** Axes on which every pixel of the sheet is a square; numbers of pixels are no news, so no ticks. */
export function sheetAxes(sheet: Sheet): SheetAxes {
  return {
    xaxis: {
      ...BARE,
      range: [-0.5, sheet.width - 0.5],
      showticklabels: false,
      constraintoward: "left",
    },
    yaxis: {
      ...BARE,
      range: [sheet.height - 0.5, -0.5],
      showticklabels: false,
      scaleanchor: "x",
      constraintoward: "top",
    },
  };
}

interface GridLayoutOptions {
  readonly title: string;
  readonly side: number;
  readonly rowLabels: readonly string[] | undefined;
}

function gridLayout(
  sheet: Sheet,
  { title, side, rowLabels = [] }: GridLayoutOptions,
): Partial<Layout> {
  const { xaxis, yaxis } = sheetAxes(sheet);
  const margin = { l: rowLabels.length > 0 ? 40 : 16, r: 16, t: 48, b: 16 };
  return {
    title: titleOf(title),
    height: Math.round(sheet.height * scaleOf(sheet)) + margin.t + margin.b,
    margin,
    hovermode: false,
    showlegend: false,
    xaxis,
    yaxis: {
      ...yaxis,
      showticklabels: rowLabels.length > 0,
      tickvals: rowLabels.map((_, row) => sheetOffset(row, side) + (side - 1) / 2),
      ticktext: rowLabels.map(plainText),
      tickfont: { size: 14 },
      ticklabelstandoff: 6,
    },
  };
}

/** CSS pixels for each pixel of the sheet, in halves, so that most screens show all equally large. */
function scaleOf({ width, height }: Sheet): number {
  const fitting = Math.min(3, LARGEST.width / width, LARGEST.height / height);
  return Math.max(0.5, Math.floor(fitting * 2) / 2);
}

function stepName(step: number): string {
  return `step ${step.toLocaleString("en-US")}`;
}

/** Milliseconds that the play button shows each grid. */
const FRAME_MS = 600;

/** How a slider goes to a frame: at once, and drawn anew, which images need. */
function animation(duration: number): object {
  return { mode: "immediate", transition: { duration: 0 }, frame: { duration, redraw: true } };
}

/** Both are drawn the same on light and on dark pages; Plotly highlights buttons in a near-white. */
const CONTROL = { bgcolor: "#e8eaed", bordercolor: "#9aa0a6", borderwidth: 1 };

/** The layout with room below for a slider over the frames and a button that plays them. */
function withSlider(layout: Partial<Layout>, frames: readonly FigureFrame[]): Partial<Layout> {
  const room = 100;
  const margin = { ...layout.margin, b: room };
  const height = Number(layout.height) + room - Number(layout.margin?.b ?? 0);
  const top = { y: 0, yanchor: "top" } as const;
  return {
    ...layout,
    height,
    margin,
    sliders: [{
      ...CONTROL,
      ...top,
      active: frames.length - 1,
      x: 0.13,
      len: 0.87,
      pad: { t: 6, b: 0, l: 0, r: 0 },
      currentvalue: { visible: true, xanchor: "left", prefix: "step ", font: { size: 14 } },
      tickcolor: "#9aa0a6",
      steps: frames.map(({ name }) => ({
        label: name.replace("step ", ""),
        method: "animate",
        args: [[name], animation(0)],
      })),
    }],
    updatemenus: [{
      ...CONTROL,
      ...top,
      type: "buttons",
      direction: "left",
      showactive: false,
      x: 0,
      xanchor: "left",
      pad: { t: 30, b: 0, l: 0, r: 0 },
      font: { color: "#202124", size: 13 },
      buttons: [{
        label: "▶ Play",
        method: "animate",
        args: [null, { ...animation(FRAME_MS), fromcurrent: true }],
      }],
    }],
  };
}

/** How many images every grid has. */
function checkGrids(grids: readonly ImageGrid[], side: number): number {
  if (grids.length === 0) {
    throw new RangeError("Cannot draw images over time: expected a grid or more, got none");
  }
  const counts = grids.map(({ images }) => countImages(images, side));
  const other = counts.find((count) => count !== counts[0]);
  if (other !== undefined) {
    throw new RangeError(
      `Cannot draw images over time: expected ${counts[0]} images at every step, got ${other}`,
    );
  }
  const steps = grids.map(({ step }) => step);
  const again = steps.find((step, i) => steps.indexOf(step) !== i);
  if (again !== undefined) {
    throw new RangeError(
      `Cannot draw images over time: expected each step once, got ${again} twice`,
    );
  }
  return counts[0]!;
}

function checkLabels(rowLabels: readonly string[] | undefined, rows: number): void {
  if (rowLabels === undefined || rowLabels.length === rows) return;
  throw new RangeError(
    `Cannot draw images: expected a label for each of ${rows} rows, got ${rowLabels.length}`,
  );
}
