/** Square panels of the plane side by side: a surface below points, arrows and the bent lines of a lattice. */
import {
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  type Kind,
  type Kinds,
  text,
  wholeNumber,
} from "../check/mod.ts";
import type { Data, Layout } from "./figure.ts";
import { numbers } from "./series.ts";
import { COLORS, LEGEND, plainText, titleOf, titleRoom } from "./theme.ts";

/** What one panel shows; what is not given is not drawn. */
export interface PlanePanel {
  /** What stands above the panel, plain text. */
  readonly title: string;
  /** A second, smaller line above the panel, plain text. */
  readonly below?: string;
  /** The panel covers -reach to reach in both directions. Default 3. */
  readonly reach?: number;
  /** Answers 0 to 1 on a square grid, `[cells * cells]`, row by row from below; NaN is left blank. */
  readonly surface?: ArrayLike<number>;
  /** Differences of answers on the same kind of grid, in a scale of their own around 0. */
  readonly change?: ArrayLike<number>;
  /** Real points, `[count, 2]`. */
  readonly real?: ArrayLike<number>;
  /** Generated points, `[count, 2]`. */
  readonly fake?: ArrayLike<number>;
  /** Arrows from points `[count, 2]` along vectors `[count, 2]`. */
  readonly arrows?: PlaneArrows;
  /** Places of a square lattice, `[side * side, 2]`, row by row. */
  readonly lattice?: ArrayLike<number>;
}

/** Arrows of one colour. */
export interface PlaneArrows {
  /** What the legend says. */
  readonly name: string;
  /** Where they begin, `[count, 2]`. */
  readonly from: ArrayLike<number>;
  /** Where they go, from there, `[count, 2]`. */
  readonly along: ArrayLike<number>;
}

const ARROW_KINDS: Kinds<PlaneArrows> = { name: text, from: numbers, along: numbers };

const KINDS: Kinds<PlanePanel> = {
  title: text,
  below: text,
  reach: finiteNumber({ above: 0 }),
  surface: numbers,
  change: numbers,
  real: numbers,
  fake: numbers,
  arrows: {
    expected: "an object",
    fault: (value) => typeof value === "object" ? undefined : "type",
  },
  lattice: numbers,
};

const TASK = "draw the plane";

/** The clouds of points and nearly all generated points are nearer to the origin than this. */
const REACH = 3;

/**
 * Refuses a panel that cannot be drawn.
 *
 * @throws {TypeError | RangeError} if a part is unknown, of another type or of another size.
 */
export function checkPanel(panel: PlanePanel): void {
  checkOptions(TASK, panel, { kinds: KINDS, required: ["title"] });
  const { surface, change, real, fake, arrows, lattice } = panel;
  for (const [name, values] of Object.entries({ surface, change })) {
    if (values !== undefined) squareSide(name, values.length);
  }
  for (const [name, values] of Object.entries({ real, fake, lattice })) {
    if (values !== undefined) checkPairs(name, values);
  }
  if (lattice !== undefined) squareSide("the points of the lattice", lattice.length / 2);
  if (arrows === undefined) return;
  checkOptions(TASK, arrows, { kinds: ARROW_KINDS, required: ["name", "from", "along"] });
  for (const name of ["from", "along"] as const) checkPairs(name, arrows[name]);
  check(TASK, { "the number of arrows": arrows.along.length }, {
    expected: `${arrows.from.length} as for their points`,
    fault: (count) => count === arrows.from.length ? undefined : "range",
  });
}

function checkPairs(name: string, values: ArrayLike<number>): void {
  check(TASK, { [`the length of ${name}`]: values.length / 2 }, wholeNumber());
}

/** Finds the side of a square of so many cells. */
function squareSide(name: string, count: number): number {
  const side = Math.sqrt(count);
  if (Number.isInteger(side) && side > 1) return side;
  throw new RangeError(`Cannot ${TASK}: expected ${name} to be a square of numbers, got ${count}`);
}

/** Light tints of the players' colours, so that points of the full colours stand out on them. */
const SURFACE_COLORS = [[0, "#efad80"], [0.5, "#f7f7f7"], [1, "#7fb3d9"]] as const;

/** Up to so many arrows are drawn: more hide the surface. */
const MAX_ARROWS = 64;

/** Which axes a panel has: the first has x and y, the second x2 and y2, … */
function axesOf(index: number): { readonly xaxis: string; readonly yaxis: string } {
  const number = index === 0 ? "" : String(index + 1);
  return { xaxis: `x${number}`, yaxis: `y${number}` };
}

/** Makes the traces of a panel, always in the same order for the same parts. */
export function panelTraces(panel: PlanePanel, index: number): Data[] {
  const { surface, change, lattice, real, fake, arrows, reach = REACH } = panel;
  const traces = [
    ...surface ? [surfaceTrace(surface, { reach, span: [0, 1], name: "D's answer" })] : [],
    ...change ? [changeTrace(change, reach)] : [],
    ...real ? [pointsTrace("real", real)] : [],
    ...lattice ? latticeTraces(lattice) : [],
    ...fake ? [pointsTrace("generated", fake)] : [],
    ...arrows ? [arrowsTrace(arrows)] : [],
  ];
  return traces.map((trace) => ({ ...trace, ...axesOf(index) }) as Data);
}

interface SurfaceOptions {
  readonly reach: number;
  readonly span: readonly [low: number, high: number];
  readonly name: string;
}

/** The scale of a surface is cut into so many bands of one colour; the middle one is white: D cannot tell. */
const BANDS = 11;

/** Makes a map of coloured bands; their borders lie close together where D is steep. */
function surfaceTrace(
  values: ArrayLike<number>,
  { reach, span: [low, high], name }: SurfaceOptions,
): object {
  const side = squareSide("a surface", values.length);
  const step = 2 * reach / side;
  const band = (high - low) / BANDS;
  const cell = (at: number) => {
    const value = Number(values[at]);
    return Number.isFinite(value) ? Number(value.toPrecision(3)) : null;
  };
  return {
    type: "contour",
    name,
    x0: step / 2 - reach,
    dx: step,
    y0: step / 2 - reach,
    dy: step,
    z: Array.from(
      { length: side },
      (_, row) => Array.from({ length: side }, (_, column) => cell(row * side + column)),
    ),
    zmin: low,
    zmax: high,
    colorscale: SURFACE_COLORS,
    contours: { coloring: "fill", start: low + band, end: high - band, size: band },
    line: { color: "rgba(80,80,80,0.4)", width: 0.5 },
    showscale: false,
    hovertemplate: `${name} %{z:.3g}<br>at %{x:.2f}, %{y:.2f}<extra></extra>`,
  };
}

/** Makes a map of differences; its scale ends at the largest one. */
function changeTrace(change: ArrayLike<number>, reach: number): object {
  let largest = 0;
  for (let i = 0; i < change.length; i++) largest = Math.max(largest, Math.abs(change[i]!));
  const end = largest || 1;
  return surfaceTrace(change, { reach, span: [-end, end], name: "change of D's answer" });
}

/** Coordinates of every second number, short enough to be sent again and again. */
function coordinates(points: ArrayLike<number>, axis: 0 | 1): number[] {
  return Array.from({ length: points.length / 2 }, (_, i) => short(points[2 * i + axis]!));
}

function short(value: number): number {
  return Number(value.toFixed(3));
}

function pointsTrace(kind: "real" | "generated", points: ArrayLike<number>): object {
  const isReal = kind === "real";
  const marker = isReal
    ? { symbol: "circle-open", size: 5, color: COLORS.real, line: { width: 1.25 } }
    : { size: 5.5, color: COLORS.fake, line: { color: "#fff", width: 0.75 } };
  return {
    type: "scatter",
    mode: "markers",
    name: `${kind} points`,
    legendgroup: kind,
    x: coordinates(points, 0),
    y: coordinates(points, 1),
    marker,
    hovertemplate: `${kind} point<br>at %{x:.2f}, %{y:.2f}<extra></extra>`,
  };
}

/** Makes one line for all arrows, each with a head; gaps keep them apart. */
function arrowsTrace({ name, from, along }: PlaneArrows): object {
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  for (let i = 0; i < Math.min(from.length, 2 * MAX_ARROWS); i += 2) {
    x.push(short(from[i]!), short(from[i]! + along[i]!), null);
    y.push(short(from[i + 1]!), short(from[i + 1]! + along[i + 1]!), null);
  }
  return {
    type: "scatter",
    mode: "lines+markers",
    name,
    legendgroup: name,
    x,
    y,
    line: { color: ARROW_COLOR, width: 1.5 },
    marker: {
      symbol: "arrow",
      angleref: "previous",
      size: x.map((_, i) => i % 3 === 1 ? 8 : 0),
      color: ARROW_COLOR,
      line: { width: 0 },
    },
    hoverinfo: "skip",
  };
}

/** Dark enough on every tint of the surface. */
const ARROW_COLOR = "#333333";

/** Makes the two families of lines of a lattice: along its rows, and along its columns. */
function latticeTraces(lattice: ArrayLike<number>): object[] {
  const side = squareSide("the points of the lattice", lattice.length / 2);
  const line = (at: (line: number, i: number) => number, name: string, color: string) => {
    const x: (number | null)[] = [];
    const y: (number | null)[] = [];
    for (let k = 0; k < side; k += 2) {
      for (let i = 0; i < side; i++) {
        x.push(short(lattice[2 * at(k, i)]!));
        y.push(short(lattice[2 * at(k, i) + 1]!));
      }
      x.push(null);
      y.push(null);
    }
    return {
      type: "scatter",
      mode: "lines",
      name,
      legendgroup: name,
      x,
      y,
      line: { color, width: 1 },
      hoverinfo: "skip",
    };
  };
  return [
    line((row, i) => row * side + i, "lines of the noise, left to right", COLORS.generator),
    line((column, i) => i * side + column, "lines of the noise, up and down", LATTICE_COLOR),
  ];
}

/** Purple: no player's, and apart from the generator's green for every colour vision. */
const LATTICE_COLOR = "#AA4499";

/** Options of {@linkcode panelsLayout}. */
export interface PanelsOptions {
  /** The figure's title, plain text. */
  readonly title: string;
  /** How many panels are side by side. */
  readonly columns: number;
  /** The width of the page that the layout is for. */
  readonly page?: keyof typeof EDGES;
}

/** Heights of parts of the figure, in CSS pixels. */
const LEGEND_ROOM = 76;
const PANEL_TITLE_ROOM = 44;
const AXIS_ROOM = 24;

/** The height of a panel, by how many are side by side, on a usual page and on a narrow one. */
const EDGES = { wide: [380, 320, 210, 160, 130, 110], narrow: [340, 180] } as const;

/** A surface ends at the middles of its outer cells; a panel ends there too. */
const VISIBLE = 0.974;

/** The part of the width between panels. */
const GAP = 0.05;

/** Makes the layout of panels: squares in rows, each with its title above it, one legend for all. */
export function panelsLayout(
  panels: readonly PlanePanel[],
  { title, columns, page = "wide" }: PanelsOptions,
): Partial<Layout> {
  const rows = Math.ceil(panels.length / columns);
  const edge = EDGES[page][columns - 1]!;
  const inside = rows * (edge + PANEL_TITLE_ROOM + AXIS_ROOM);
  const width = (1 - GAP * (columns - 1)) / columns;
  const axes = panels.map((panel, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const left = column * (width + GAP);
    const top = 1 - (row * (edge + PANEL_TITLE_ROOM + AXIS_ROOM) + PANEL_TITLE_ROOM) / inside;
    return panelAxes(panel, index, { x: [left, left + width], y: [top - edge / inside, top] });
  });
  return {
    title: titleOf(title),
    height: inside + titleRoom() + LEGEND_ROOM,
    margin: { l: 28, r: 12, t: titleRoom(), b: LEGEND_ROOM },
    hovermode: "closest",
    legend: { ...LEGEND, itemsizing: "constant", font: { size: 11 } },
    annotations: panels.flatMap((panel, index) =>
      titleAnnotations(panel, { index, small: page === "narrow" })
    ),
    ...Object.assign({}, ...axes),
  };
}

/** Computes the height of all panels over their width. */
export function panelsAspect(count: number, columns: number): number {
  const edge = EDGES.wide[columns - 1]!;
  const rows = Math.ceil(count / columns);
  return rows * (edge + PANEL_TITLE_ROOM + AXIS_ROOM) / (columns * edge * (1 + GAP));
}

/** Finds how many panels are side by side on a page that leaves little width. */
export function narrowColumns(columns: number): number {
  return columns > 2 ? 2 : 1;
}

interface Domains {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

function panelAxes(
  { reach = REACH }: PlanePanel,
  index: number,
  { x, y }: Domains,
): Partial<Layout> {
  const { xaxis, yaxis } = axesOf(index);
  const common = {
    range: [-VISIBLE * reach, VISIBLE * reach],
    zeroline: false,
    showgrid: false,
    tickvals: [-2, 0, 2],
    tickfont: { size: 10 },
    constrain: "domain",
  };
  const across = { ...common, domain: x, anchor: yaxis, constraintoward: "left" };
  const up = { ...common, domain: y, anchor: xaxis, scaleanchor: xaxis, constraintoward: "top" };
  return Object.fromEntries([
    [xaxis.replace("x", "xaxis"), across],
    [yaxis.replace("y", "yaxis"), { ...up, showticklabels: x[0] === 0 }],
  ]) as unknown as Partial<Layout>;
}

/** Makes the words above a panel; they follow the panel when its square is smaller than its place. */
function titleAnnotations(
  { title, below }: PlanePanel,
  { index, small }: { readonly index: number; readonly small: boolean },
): NonNullable<Layout["annotations"]> {
  const { xaxis, yaxis } = axesOf(index);
  const lines = below === undefined
    ? plainText(title)
    : `${plainText(title)}<br><sub>${plainText(below)}</sub>`;
  return [{
    xref: `${xaxis} domain`,
    yref: `${yaxis} domain`,
    x: 0,
    y: 1,
    xanchor: "left",
    yanchor: "bottom",
    align: "left",
    showarrow: false,
    font: { size: small ? 11 : 13 },
    text: lines,
  }] as unknown as NonNullable<Layout["annotations"]>;
}

/** Makes the entries of the legend that explain the tints of the surface. */
export function surfaceLegend(): Data[] {
  const entry = (name: string, color: string) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: [null],
    y: [null],
    marker: { symbol: "square", size: 12, color, line: { color: COLORS.line, width: 1 } },
    hoverinfo: "skip",
  });
  const [[, generated], , [, real]] = SURFACE_COLORS;
  return [entry("D says real", real), entry("D says generated", generated)] as unknown as Data[];
}

/** The kind of lists of panels. */
export const panelList: Kind = arrayOf({
  expected: "a panel",
  fault: (value) => typeof value === "object" && value !== null ? undefined : "type",
});
