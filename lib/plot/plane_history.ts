/** Figures of a GAN in the plane over a training: modes found and good points, and paths of two players. */
import {
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  isPlainObject,
  type Kind,
  type Kinds,
  listOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure } from "./figure.ts";
import { numbers } from "./series.ts";
import {
  COLORS,
  horizontalAxis,
  ITERATION,
  LEGEND,
  plainText,
  titleOf,
  titleRoom,
} from "./theme.ts";

/** Coverage of the modes after some iterations. */
export interface CoverageState {
  /** Number of finished iterations. */
  readonly iteration: number;
  /** Measures of how well generated points cover the modes. */
  readonly coverage: {
    /** Number of modes that are found. */
    readonly found: number;
    /** Share of the points that are good, 0 to 1. */
    readonly good: number;
  };
}

/** Options of {@linkcode coverageFigure}. */
export interface CoverageFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of modes; 8 by default. */
  readonly modes?: number;
}

const STATE: Kind = {
  expected: "a state with an iteration and a coverage",
  fault: (value) => {
    if (!isPlainObject(value) || !isPlainObject(value["coverage"])) return "type";
    const { iteration, coverage: { found, good } } = value;
    return listOf(finiteNumber()).fault([iteration, found, good]);
  },
};

const COVERAGE_KINDS: Kinds<CoverageFigureOptions> = {
  title: text,
  modes: wholeNumber({ from: 1 }),
};

/** Positions of the two panels, with a gap between them. */
const UPPER: [number, number] = [0.56, 1];
const LOWER: [number, number] = [0, 0.44];

/**
 * Draws the number of modes found over iterations, and below it the share of good points.
 *
 * @throws {TypeError | RangeError} if a state or an option is unknown or wrong.
 */
export function coverageFigure(
  states: readonly CoverageState[],
  options: CoverageFigureOptions = {},
): Figure {
  check("draw the coverage", { states }, arrayOf(STATE));
  checkOptions("draw the coverage", options, { kinds: COVERAGE_KINDS });
  const { title = "Modes found and good points", modes = 8 } = options;
  const x = states.map(({ iteration }) => iteration);
  const line = { color: COLORS.fake, width: 2 };
  const common = { type: "scatter", mode: "lines+markers", x, line, marker: { size: 5 } };
  const found = {
    ...common,
    name: "modes found",
    y: states.map(({ coverage }) => coverage.found),
    line: { ...line, shape: "hv" },
    hovertemplate: `iteration %{x:,}<br>%{y} of ${modes} modes<extra></extra>`,
  };
  const good = {
    ...common,
    name: "good points",
    y: states.map(({ coverage }) => coverage.good),
    yaxis: "y2",
    hovertemplate: "iteration %{x:,}<br>%{y:.1%} good<extra></extra>",
  };
  return new Figure([found, good] as unknown as Data[], {
    title: titleOf(title),
    height: 400,
    margin: { l: 60, r: 24, t: titleRoom(), b: 48 },
    hovermode: "closest",
    showlegend: false,
    xaxis: { ...horizontalAxis(ITERATION), anchor: "y2" },
    yaxis: {
      title: { text: "modes found" },
      range: [-0.3, modes + 0.3],
      domain: UPPER,
      zeroline: false,
    },
    yaxis2: {
      title: { text: "good points" },
      range: [-0.03, 1.03],
      domain: LOWER,
      tickformat: ".0%",
      zeroline: false,
    },
  }, { alt: `${title}: ${describeStates(states, modes)}.` });
}

/** Describes the first and the last state, for readers who cannot see the figure. */
function describeStates(states: readonly CoverageState[], modes: number): string {
  const [first, last] = [states[0], states.at(-1)];
  if (!first || !last) return "no values yet";
  const percent = ({ coverage }: CoverageState) => `${Math.round(100 * coverage.good)} %`;
  return `from ${first.coverage.found} to ${last.coverage.found} of ${modes} modes and from ` +
    `${percent(first)} to ${percent(last)} good points, over ${last.iteration} iterations`;
}

/** Path in the plane. */
export interface PlanePath {
  /** Name in the legend. */
  readonly name: string;
  /** Points of the path in order, `[count, 2]`. */
  readonly points: ArrayLike<number>;
}

/** Options of {@linkcode pathsFigure}. */
export interface PathsFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Half the side of the figure: it covers -reach to reach in x and in y; 3 by default. */
  readonly reach?: number;
  /** Title of the horizontal axis; `x` by default. */
  readonly x?: string;
  /** Title of the vertical axis; `y` by default. */
  readonly y?: string;
}

const PATH_KINDS: Kinds<PathsFigureOptions> = {
  title: text,
  reach: finiteNumber({ above: 0 }),
  x: text,
  y: text,
};

const PATH: Kind = {
  expected: "a path with a name and points",
  fault: (value) => {
    const { name, points } = Object(value) as Partial<PlanePath>;
    if (typeof name !== "string" || numbers.fault(points)) return "type";
    return points!.length % 2 === 0 && points!.length > 0 ? undefined : "range";
  },
};

/**
 * Draws paths in the plane. Each starts with a ring and ends with a dot, and a cross marks the
 * origin.
 *
 * @throws {TypeError | RangeError} if a path or an option is unknown or wrong.
 */
export function pathsFigure(
  paths: readonly PlanePath[],
  options: PathsFigureOptions = {},
): Figure {
  check("draw paths", { paths }, arrayOf(PATH));
  checkOptions("draw paths", options, { kinds: PATH_KINDS });
  const { title = "Paths", reach = 3, x = "x", y = "y" } = options;
  const range: [number, number] = [-reach, reach];
  const axis = { range, zeroline: false, constrain: "domain" } as const;
  return new Figure([originTrace(), ...paths.map(pathTrace)], {
    title: titleOf(title),
    height: 460,
    margin: { l: 60, r: 24, t: titleRoom(), b: 92 },
    hovermode: "closest",
    legend: LEGEND,
    xaxis: { ...axis, title: { text: plainText(x), standoff: 8 }, constraintoward: "left" },
    yaxis: { ...axis, title: { text: plainText(y) }, scaleanchor: "x" },
  }, { alt: `${title}: ${paths.map(describePath).join("; ")}.`, aspect: 1 });
}

/** Describes the distance of a path from the origin at its start and at its end. */
function describePath({ name, points }: PlanePath): string {
  const far = (i: number) => Number(Math.hypot(points[i]!, points[i + 1]!).toPrecision(2));
  return `${name} goes from ${far(0)} to ${far(points.length - 2)} away from the balance`;
}

function originTrace(): Data {
  return {
    type: "scatter",
    mode: "markers",
    name: "balance",
    x: [0],
    y: [0],
    marker: { symbol: "x-thin", size: 12, line: { width: 2, color: COLORS.line } },
    hoverinfo: "skip",
  };
}

function pathTrace({ name, points }: PlanePath, index: number): Data {
  const at = (axis: 0 | 1) =>
    Array.from(
      { length: points.length / 2 },
      (_, i) => Number(points[2 * i + axis]!.toPrecision(4)),
    );
  const color = COLORS.positions[index % COLORS.positions.length]!;
  const last = points.length / 2 - 1;
  const mark = (i: number) => i === 0 ? "circle-open" : "circle";
  return {
    type: "scatter",
    mode: "lines+markers",
    name: plainText(name),
    x: at(0),
    y: at(1),
    line: { color, width: 2 },
    marker: {
      color,
      symbol: at(0).map((_, i) => mark(i)),
      size: at(0).map((_, i) => i === 0 || i === last ? 10 : 0),
    },
    hovertemplate: `${plainText(name)}<br>step %{pointNumber}<br>%{x:.3g}, %{y:.3g}<extra></extra>`,
  } as Data;
}
