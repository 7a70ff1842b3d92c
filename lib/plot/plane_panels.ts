/** Square panels of the plane side by side: a surface with points, arrows and a mapped lattice. */
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
import {
  arrowsTrace,
  changeTrace,
  latticeTraces,
  type PlaneArrows,
  pointsTrace,
  squareSide,
  surfaceTrace,
  TASK,
} from "./plane_traces.ts";
import { axesOf, LEGEND, plainText, titleOf, titleRoom } from "./theme.ts";

/** Content of one panel. Parts that are absent are not drawn. */
export interface PlanePanel {
  /** Title above the panel, as plain text. */
  readonly title: string;
  /** Second, smaller line above the panel, as plain text. */
  readonly below?: string;
  /** Half the side of the panel: it covers -reach to reach in x and in y; 3 by default. */
  readonly reach?: number;
  /** Answers from 0 to 1 on a square grid, `[cells * cells]`, row by row from below. NaN is left blank. */
  readonly surface?: ArrayLike<number>;
  /** Differences of answers on such a grid, drawn with a colour scale centered at 0. */
  readonly change?: ArrayLike<number>;
  /** Real points, `[count, 2]`. */
  readonly real?: ArrayLike<number>;
  /** Generated points, `[count, 2]`. */
  readonly fake?: ArrayLike<number>;
  /** Arrows that start at points. */
  readonly arrows?: PlaneArrows;
  /** Points of a mapped square lattice, `[side * side, 2]`, row by row. */
  readonly lattice?: ArrayLike<number>;
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

/** Default of `reach`. It contains the clouds and nearly all generated points. */
const REACH = 3;

/**
 * Checks that a panel can be drawn.
 *
 * @throws {TypeError | RangeError} if a part is unknown, or has the wrong type or size.
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
  check(TASK, { "the length of along": arrows.along.length }, {
    expected: `${arrows.from.length}, the length of from`,
    fault: (count) => count === arrows.from.length ? undefined : "range",
  });
}

function checkPairs(name: string, values: ArrayLike<number>): void {
  check(TASK, { [`the length of ${name}`]: values.length / 2 }, wholeNumber());
}

/** Makes the traces of a panel. The same parts always give the same order of traces. */
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

/** Options of {@linkcode panelsLayout}. */
interface PanelsOptions {
  /** Title of the figure, as plain text. */
  readonly title: string;
  /** Number of panels per row. */
  readonly columns: number;
  /** Width of the page for which the layout is made; `"wide"` by default. */
  readonly page?: keyof typeof EDGES;
}

/** Heights of parts of the figure in CSS pixels. */
const LEGEND_ROOM = 76;
const PANEL_TITLE_ROOM = 44;
const AXIS_ROOM = 24;

/** Height of a panel in CSS pixels for each number of panels per row, on wide and on narrow pages. */
const EDGES = { wide: [380, 320, 210, 160, 130, 110], narrow: [340, 180] } as const;

/** Visible fraction of `reach`. A surface ends at the centers of its outer cells, and so does the panel. */
const VISIBLE = 0.974;

/** Space between panels as a fraction of the width. */
const GAP = 0.05;

/** Makes the layout of panels: squares in rows, each with its title above, and one legend. */
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
      titleAnnotations(panel, { index, small: page === "narrow" || columns > 2 })
    ),
    ...Object.assign({}, ...axes),
  };
}

/** Computes the height of all panels divided by their width. */
export function panelsAspect(count: number, columns: number): number {
  const edge = EDGES.wide[columns - 1]!;
  const rows = Math.ceil(count / columns);
  return rows * (edge + PANEL_TITLE_ROOM + AXIS_ROOM) / (columns * edge * (1 + GAP));
}

/** Chooses the number of panels per row on a narrow page. */
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

/** Makes the title above a panel. It follows the panel if the square is smaller than its place. */
function titleAnnotations(
  { title, below }: PlanePanel,
  { index, small }: { readonly index: number; readonly small: boolean },
): NonNullable<Layout["annotations"]> {
  const { xaxis, yaxis } = axesOf(index);
  const place = { xref: `${xaxis} domain`, yref: `${yaxis} domain`, x: 0, y: 1 };
  const corner = { xanchor: "left", yanchor: "bottom", showarrow: false };
  const line = (words: string, size: number, yshift: number) => ({
    ...place,
    ...corner,
    text: plainText(words),
    font: { size },
    yshift,
  });
  return [
    line(title, small ? 12 : 13, below === undefined ? 0 : 17),
    ...below === undefined ? [] : [line(below, small ? 10 : 12, 0)],
  ] as unknown as NonNullable<Layout["annotations"]>;
}

/** Kind of lists of panels. */
export const panelList: Kind = arrayOf({
  expected: "a panel",
  fault: (value) => typeof value === "object" && value !== null ? undefined : "type",
});
