/** Figures of grids of small images, at one time or over a training. */
import {
  arrayOf,
  check,
  checkOptions,
  type Kind,
  type Kinds,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure, type FigureFrame, type Layout } from "./figure.ts";
import {
  columnOffset,
  COLUMNS,
  countImages,
  FEW_SHADES,
  GAP,
  layOut,
  rowOffset,
  type Sheet,
  sheetSource,
  squareColumns,
} from "./picture.ts";
import { numbers } from "./series.ts";
import { plainText, titleOf, titleRoom } from "./theme.ts";
import { keptFrames, withSlider } from "./slider.ts";

/** Options of {@linkcode imagesFigure} and {@linkcode imagesOverTimeFigure}. */
export interface ImagesFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of images per row. By default the grid is nearly square. */
  readonly columns?: number;
  /** Label at the left of each row, as plain text. */
  readonly rowLabels?: readonly string[];
  /** Label above each column, as plain text, with one word per line. */
  readonly columnLabels?: readonly string[];
  /** Caption below each image and in its hover box, as plain text. */
  readonly captions?: readonly string[];
  /** Side of an image in pixels; 28 by default, as in MNIST. */
  readonly side?: number;
}

/** Images at one iteration. */
export interface ImageGrid {
  /** Number of the iteration. */
  readonly step: number;
  /** Images `[count, side * side]` in [0, 1]. The count must be the same at every iteration. */
  readonly images: ArrayLike<number>;
}

const KINDS: Kinds<ImagesFigureOptions> = {
  title: text,
  columns: COLUMNS,
  rowLabels: arrayOf(text),
  columnLabels: arrayOf(text),
  captions: arrayOf(text),
  side: wholeNumber({ from: 1 }),
};

/** Maximum size of a sheet in CSS pixels. It fits into a figure 700 pixels wide. */
const LARGEST = { width: 610, height: 540 };

/** Settings of axes without grid, lines and ticks. */
const BARE = {
  showgrid: false,
  zeroline: false,
  showline: false,
  ticks: "",
  fixedrange: true,
  constrain: "domain",
} as const;

/** Height of a caption below an image, in pixels of the sheet. */
const CAPTION_ROOM = 14;

/**
 * Draws images `[count, side * side]` in [0, 1] as a grid, row by row; 0 is paper and 1 is ink. All
 * images form one small PNG whose pixels stay square. The hover box tells which image is under the
 * pointer.
 *
 * @throws {TypeError | RangeError} if pixels are missing, not numbers, or outside [0, 1] by more
 * than 0.0001; if the number of labels is not that of rows, columns or images; if an option is
 * unknown or wrong.
 */
export function imagesFigure(
  images: ArrayLike<number>,
  options: ImagesFigureOptions = {},
): Figure {
  check("draw images", { images }, numbers);
  checkOptions("draw images", options, { kinds: KINDS });
  const { title = "Samples", side = 28, captions } = options;
  const count = countImages(images, side);
  const { columns = squareColumns(count) } = options;
  const sheet = layOut(images, { columns, side, ...captions && { room: CAPTION_ROOM } });
  const labels = labelsOf(options, sheet, count);
  const data = [
    sheetTrace(sheet, count),
    hoverTrace(sheet, { ...labels, count, side }),
    ...captions ? [captionTrace(sheet, { captions, side })] : [],
  ];
  const alt = `${title}: ${describeGrid(sheet, count, labels)}.`;
  return new Figure(data, gridLayout(sheet, { title, side, ...labels }), {
    alt,
    aspect: aspectOf(sheet),
  });
}

/**
 * Draws a grid of images at several iterations, with a slider and a play button. The last iteration
 * is shown first. Of more than 40 grids, 40 are used, including the first and the last.
 *
 * @throws {TypeError | RangeError} if there is no grid, two have the same iteration or different
 * numbers of images, or for the reasons of {@linkcode imagesFigure}.
 */
export function imagesOverTimeFigure(
  grids: readonly ImageGrid[],
  options: ImagesFigureOptions = {},
): Figure {
  checkOptions("draw images over time", options, { kinds: KINDS });
  const { title = "Samples over training", side = 28, captions } = options;
  const count = checkGrids(grids, side);
  const { columns = squareColumns(count) } = options;
  const kept = keptFrames(grids);
  const room = captions ? CAPTION_ROOM : 0;
  const sheets = kept.map(({ images }) =>
    layOut(images, { columns, side, shades: FEW_SHADES, room })
  );
  const last = sheets.at(-1)!;
  const labels = labelsOf(options, last, count);
  const sources = sheets.map(sheetSource);
  const frames = kept.map(({ step }, i): FigureFrame => ({
    name: stepName(step),
    data: [{ type: "image", source: sources[i]! }],
  }));
  const data = [
    sheetTrace(last, count, sources.at(-1)!),
    hoverTrace(last, { ...labels, count, side }),
    ...captions ? [captionTrace(last, { captions, side })] : [],
  ];
  const layout = withSlider(gridLayout(last, { title, side, ...labels }), frames);
  const names = frames.map(({ name }) => name);
  const alt = `${title}: ${describeGrid(last, count, labels)}, ` +
    `with a slider of ${names.length} states from ${names[0]} to ${names.at(-1)}.`;
  return new Figure(data, layout, { frames, alt, aspect: aspectOf(last) });
}

/** Makes the trace of a sheet. Its name is shown where images cannot be drawn. */
export function sheetTrace(sheet: Sheet, count: number, source = sheetSource(sheet)): Data {
  return { type: "image", name: counted(count), source, hoverinfo: "skip" };
}

function counted(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "image" : "images"}`;
}

/** Labels of rows, columns and images; an empty list means none. */
interface Labels {
  readonly rowLabels: readonly string[];
  readonly columnLabels: readonly string[];
  readonly captions: readonly string[];
}

/** Checks that there are as many labels as rows, columns or images. */
function labelsOf(options: ImagesFigureOptions, sheet: Sheet, count: number): Labels {
  const { rowLabels, columnLabels, captions } = options;
  const counts = [
    [rowLabels, sheet.rows, "rows"],
    [columnLabels, sheet.columns, "columns"],
    [captions, count, "images"],
  ] as const;
  for (const [labels, wanted, what] of counts) {
    if (labels === undefined || labels.length === wanted) continue;
    throw new RangeError(
      `Cannot draw images: expected a label for each of ${wanted} ${what}, got ${labels.length}`,
    );
  }
  return {
    rowLabels: rowLabels ?? [],
    columnLabels: columnLabels ?? [],
    captions: captions ?? [],
  };
}

/** Describes an image: its caption, and its position such as "row 7, column 3". */
function imageText(image: number, sheet: Sheet, labels: Labels): string {
  const [row, column] = [Math.floor(image / sheet.columns), image % sheet.columns];
  const parts = [
    labels.rowLabels[row] ?? `row ${row + 1}`,
    labels.columnLabels[column] ?? `column ${column + 1}`,
  ];
  const caption = labels.captions[image];
  return [...caption === undefined ? [] : [caption], `image ${image + 1}: ${parts.join(", ")}`]
    .join(", ");
}

function describeGrid(sheet: Sheet, count: number, labels: Labels): string {
  const { rowLabels, columnLabels, captions } = labels;
  const named = [
    ...rowLabels.length > 0 ? [`rows ${rowLabels.join(", ")}`] : [],
    ...columnLabels.length > 0 ? [`columns ${columnLabels.join(", ")}`] : [],
    ...captions.length > 0 ? [`captions ${captions.slice(0, 12).join(", ")}`] : [],
  ];
  const rows = sheet.rows === 1 ? "1 row" : `${sheet.rows} rows`;
  const grid = `${counted(count)} in ${rows} of ${sheet.columns}`;
  return [grid, ...named].join("; ");
}

/** Labels for the hover boxes of a sheet, and the number of images. */
interface HoverOptions extends Labels {
  readonly count: number;
  readonly side: number;
}

/** Makes an invisible trace with one cell for each image, whose hover box describes the image. */
export function hoverTrace(sheet: Sheet, { count, side, ...labels }: HoverOptions): Data {
  const rows = Array.from({ length: sheet.rows }, (_, row) => row);
  const columns = Array.from({ length: sheet.columns }, (_, column) => column);
  const cells = (cell: (image: number) => unknown) =>
    rows.map((row) =>
      columns.map((column) => {
        const image = row * sheet.columns + column;
        return image < count ? cell(image) : null;
      })
    );
  const trace = {
    type: "heatmap",
    name: "names of the images",
    // Lists of coordinates would not work: plotly.js cannot compute the cell size from a single row
    // or column.
    x0: columnOffset(0, side) + (side - 1) / 2,
    dx: side + GAP,
    y0: rowOffset(0, sheet) + (sheet.rowHeight - GAP - 1) / 2,
    dy: sheet.rowHeight,
    z: cells(() => 0),
    text: cells((image) => plainText(imageText(image, sheet, labels))),
    hovertemplate: "%{text}<extra></extra>",
    hoverongaps: false,
    showscale: false,
    opacity: 0,
  };
  return trace as unknown as Data;
}

/** Makes the captions below the images. */
function captionTrace(
  sheet: Sheet,
  { captions, side }: { readonly captions: readonly string[]; readonly side: number },
): Data {
  return {
    type: "scatter",
    mode: "text",
    name: "captions",
    x: captions.map((_, image) => columnOffset(image % sheet.columns, side) + (side - 1) / 2),
    y: captions.map((_, image) =>
      rowOffset(Math.floor(image / sheet.columns), sheet) + side + CAPTION_ROOM / 2
    ),
    text: captions.map(plainText),
    textfont: { size: 12, color: "#202124" }, // on paper, which is white on dark pages too
    hoverinfo: "skip",
  };
}

/** Axes of a sheet. */
export interface SheetAxes {
  /** Horizontal axis, from left to right. */
  readonly xaxis: NonNullable<Layout["xaxis"]>;
  /** Vertical axis, from top to bottom. */
  readonly yaxis: NonNullable<Layout["yaxis"]>;
}

/** Makes axes with square pixels and no ticks, because pixel coordinates tell the reader nothing. */
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

interface GridLayoutOptions extends Labels {
  readonly title: string;
  readonly side: number;
}

function gridLayout(
  sheet: Sheet,
  { title, side, rowLabels, columnLabels }: GridLayoutOptions,
): Partial<Layout> {
  const { xaxis, yaxis } = sheetAxes(sheet);
  const lines = Math.max(0, ...columnLabels.map((label) => label.split(" ").length));
  const margin = {
    l: rowLabels.length > 0 ? 40 : 16,
    r: 16,
    t: titleRoom() + lines * 14,
    b: 16,
  };
  return {
    title: titleOf(title),
    height: Math.round(sheet.height * scaleOf(sheet)) + margin.t + margin.b,
    margin,
    hovermode: "closest",
    showlegend: false,
    xaxis: {
      ...xaxis,
      side: "top",
      showticklabels: lines > 0,
      tickvals: columnLabels.map((_, column) => columnOffset(column, side) + (side - 1) / 2),
      ticktext: columnLabels.map((label) => plainText(label).replaceAll(" ", "<br>")),
      tickangle: 0,
      tickfont: { size: 11 },
    },
    yaxis: {
      ...yaxis,
      showticklabels: rowLabels.length > 0,
      tickvals: rowLabels.map((_, row) => rowOffset(row, sheet) + (side - 1) / 2),
      ticktext: rowLabels.map(plainText),
      tickfont: { size: 14 },
      ticklabelstandoff: 6,
      automargin: true,
    },
  };
}

function aspectOf({ width, height }: Sheet): number {
  return height / width;
}

/**
 * Computes the CSS pixels per pixel of the sheet, a multiple of 1/2, so that most screens show all
 * pixels in the same size.
 */
function scaleOf({ width, height }: Sheet): number {
  const fitting = Math.min(3, LARGEST.width / width, LARGEST.height / height);
  return Math.max(0.5, Math.floor(fitting * 2) / 2);
}

function stepName(step: number): string {
  return `iteration ${step.toLocaleString("en-US")}`;
}

const GRIDS: Kind = {
  expected: "an array of grids, each with a step and images",
  fault: (value) => {
    const isGrid = (grid: unknown) => {
      const { step, images } = Object(grid) as Partial<ImageGrid>;
      return Number.isSafeInteger(step) && numbers.fault(images) === undefined;
    };
    return Array.isArray(value) && value.every(isGrid) ? undefined : "type";
  },
};

/** Checks grids of images, and returns the number of images in each grid. */
function checkGrids(grids: readonly ImageGrid[], side: number): number {
  check("draw images over time", { grids }, GRIDS);
  if (grids.length === 0) {
    throw new RangeError("Cannot draw images over time: expected at least one grid, got none");
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
