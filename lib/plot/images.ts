/** Images in figures: a grid of them, and a grid over time with a slider. */
import { type Data, Figure, type Frame, type Layout } from "./figure.ts";
import { type ImageGrid, imageGrid, type ImageGridOptions } from "./image_grid.ts";
import { plainText, titleOf } from "./theme.ts";

/** What {@linkcode imagesFigure} can be told besides the images. */
export interface ImagesFigureOptions extends ImageGridOptions {
  /** The title, plain text. */
  readonly title?: string;
  /** What stands before each row. */
  readonly rowLabels?: readonly string[];
}

/** Images at one step. */
export interface ImagesAtStep {
  /** Steps that were done. */
  readonly step: number;
  /** `[count, side * side]`, pixels in [0, 1] where 1 is ink. */
  readonly images: ArrayLike<number>;
}

/** An image's height on the page, in CSS pixels, unless the page is too narrow for it. */
const CELL = 40;

/** The room above, for the title, and below a grid, in CSS pixels. */
const MARGIN = { top: 44, bottom: 12 } as const;

/** The trace of a grid, on axes of one's own where there are several. */
export function gridTrace(
  { source }: ImageGrid,
  axes: { readonly xaxis?: "x3"; readonly yaxis?: "y3" } = {},
): Data {
  return { type: "image", source, zsmooth: false, hoverinfo: "skip", ...axes } as unknown as Data;
}

/** Axes that show nothing but a grid: square pixels, the first row on top, labels for the rows. */
export function gridAxes(
  { width, height, pitch, rows }: ImageGrid,
  { rowLabels = [], x = "x" }: { readonly rowLabels?: readonly string[]; readonly x?: string } = {},
): Pick<Layout, "xaxis" | "yaxis"> {
  const bare = { showgrid: false, zeroline: false, showline: false, fixedrange: true } as const;
  const labels = rowLabels.slice(0, rows);
  return {
    xaxis: {
      ...bare,
      range: [-0.5, width - 0.5],
      showticklabels: false,
      ticks: "",
      constrain: "domain",
      constraintoward: "left",
    },
    yaxis: {
      ...bare,
      range: [height - 0.5, -0.5],
      scaleanchor: x as "x",
      constrain: "domain",
      constraintoward: "top",
      showticklabels: labels.length > 0,
      ticks: "",
      tickvals: labels.map((_, row) => (row + 0.5) * pitch),
      ticktext: labels.map(plainText),
    },
  };
}

function gridLayout(
  grid: ImageGrid,
  { title = "", rowLabels = [] }: ImagesFigureOptions,
): Partial<Layout> {
  const { top, bottom } = MARGIN;
  return {
    title: titleOf(title),
    ...gridAxes(grid, { rowLabels }),
    height: grid.rows * CELL + top + bottom,
    margin: { l: rowLabels.length > 0 ? 32 : 8, r: 8, t: top, b: bottom },
    showlegend: false,
    dragmode: false,
  };
}

/**
 * Images `[count, side * side]` in a grid; pixels in [0, 1], where 0 is paper and 1 is ink.
 *
 * @throws {RangeError} if they are not whole images, or a pixel is not in [0, 1].
 */
export function imagesFigure(
  images: ArrayLike<number>,
  options: ImagesFigureOptions = {},
): Figure {
  const grid = imageGrid(images, options);
  return new Figure([gridTrace(grid)], gridLayout(grid, options));
}

/** From one frame to another at once: the picture is drawn anew, nothing glides. */
const AT_ONCE = { mode: "immediate", transition: { duration: 0 } } as const;

function sliderOf(frames: readonly Frame[]): object {
  return {
    active: frames.length - 1,
    currentvalue: { prefix: "step " },
    x: 0.12,
    len: 0.88,
    y: 0,
    pad: { t: 8 },
    steps: frames.map(({ name }) => ({
      label: name,
      method: "animate",
      args: [[name], { ...AT_ONCE, frame: { duration: 0, redraw: true } }],
    })),
  };
}

const PLAY = {
  type: "buttons",
  showactive: false,
  x: 0,
  xanchor: "left",
  y: 0,
  yanchor: "top",
  pad: { t: 24 },
  buttons: [{
    label: "▶",
    method: "animate",
    args: [null, { ...AT_ONCE, fromcurrent: false, frame: { duration: 500, redraw: true } }],
  }],
};

/** The room for slider and button below a grid, in CSS pixels. */
const SLIDER = 84;

/**
 * The same grid at several steps, with a slider and a button that plays them; it begins with the last.
 *
 * The grids are Plotly's frames inside the figure, so the slider needs no kernel.
 *
 * @throws {RangeError} if there are no grids, or one is not of whole images of pixels in [0, 1].
 */
export function imagesOverTimeFigure(
  steps: readonly ImagesAtStep[],
  options: ImagesFigureOptions = {},
): Figure {
  const last = steps.at(-1);
  if (!last) throw new RangeError("Cannot draw images over time: expected grids, got none");
  const frames = steps.map(({ step, images }): Frame => ({
    name: step.toLocaleString("en-US"),
    data: [gridTrace(imageGrid(images, options))],
  }));
  const layout = gridLayout(imageGrid(last.images, options), options);
  return new Figure(frames.at(-1)!.data, {
    ...layout,
    height: layout.height! + SLIDER,
    margin: { ...layout.margin, b: MARGIN.bottom + SLIDER },
    sliders: [sliderOf(frames)],
    updatemenus: [PLAY],
  } as Partial<Layout>, frames);
}
