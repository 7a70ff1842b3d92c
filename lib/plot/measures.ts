/** Figure that explains precision, recall and the Fréchet distance with points in the plane. */
import {
  anything,
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  type Kind,
  type Kinds,
  optional,
  recordOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure, type Layout } from "./figure.ts";
import { axesOf, chartLayout, COLORS, LEGEND, plainText } from "./theme.ts";

/** Point in the plane. */
type Point = readonly [x: number, y: number];

/** Real and generated points for {@linkcode measuresFigure}. */
export interface MeasuredSets {
  /** Real points, `[count][2]`. */
  readonly real: readonly (readonly [x: number, y: number])[];
  /** Generated points, `[count][2]`. */
  readonly generated: readonly (readonly [x: number, y: number])[];
  /** Precision of the generated points, shown below the name; not shown by default. */
  readonly precision?: number;
  /** Recall of the generated points, shown below the name; not shown by default. */
  readonly recall?: number;
  /** Squared Fréchet distance of the generated points, shown below the name; not shown by default. */
  readonly frechet?: number;
}

/** Options of {@linkcode measuresFigure}. */
export interface MeasuresFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Neighbourhoods of a point reach to its k-th nearest neighbour; 3 by default. */
  readonly k?: number;
}

const TASK = "draw neighbourhoods";

const point: Kind = {
  expected: "a point of two finite numbers",
  fault: (value) =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) ? undefined : "type",
};

const KINDS: Kinds<MeasuresFigureOptions> = { title: text, k: wholeNumber({ from: 1 }) };

/**
 * Draws a panel for each named pair of sets: all points, the neighbourhoods of the real points as
 * discs, and the ellipse of each set's normal distribution. Precision is the share of the generated
 * points inside a disc. Recall is the share of the real points inside a disc around a generated
 * point. The Fréchet distance compares the two normal distributions.
 *
 * @throws {TypeError | RangeError} if a set has k points or fewer, or an argument or option is
 * wrong.
 */
export function measuresFigure(
  sets: Readonly<Record<string, MeasuredSets>>,
  options: MeasuresFigureOptions = {},
): Figure {
  checkOptions(TASK, options, { kinds: KINDS });
  const { title = "Neighbourhoods of real points", k = 3 } = options;
  check(TASK, { sets }, recordOf(recordOf(anything)));
  const names = Object.keys(sets);
  if (names.length === 0) {
    throw new RangeError(`Cannot ${TASK}: expected at least one pair of sets, got none`);
  }
  for (const name of names) checkSets(sets[name]!, k);
  const all = names.flatMap((name) => [...sets[name]!.real, ...sets[name]!.generated]);
  const range = Math.max(1e-9, ...all.flat().map(Math.abs)) * 1.25;
  const data = names.flatMap((name, at) => panelTraces(sets[name]!, { at, k }));
  const { xaxis: _x, yaxis: _y, ...chart } = chartLayout({ title, x: "", y: "" });
  const titles = names.map((name) => [name, ...measuresText(sets[name]!)]);
  const wide = panelLayout(titles, { across: names.length, range });
  const narrow = panelLayout(titles, { across: 1, range });
  const alt = `${title}: ${
    names.map((name) =>
      [
        `${name}, ${sets[name]!.real.length} real and ${
          sets[name]!.generated.length
        } generated points`,
        ...measuresText(sets[name]!),
      ].join(", ")
    )
      .join("; ")
  }.`;
  return new Figure(data, { ...chart, hovermode: false, legend: LEGEND, ...wide }, { alt, narrow });
}

/** Formats the measures of a panel's generated points, with the better direction of each. */
function measuresText({ precision, recall, frechet }: MeasuredSets): string[] {
  const entries = { "precision ↑": precision, "recall ↑": recall, "distance ↓": frechet };
  return Object.entries(entries).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value.toFixed(2)}`]
  );
}

function checkSets(sets: MeasuredSets, k: number): void {
  const { precision, recall, frechet } = sets;
  check(TASK, { precision, recall, frechet }, optional(finiteNumber({ from: 0 })));
  for (const name of ["real", "generated"] as const) {
    const points = sets[name];
    check(TASK, { [name]: points }, arrayOf(point));
    if (points.length > k) continue;
    throw new RangeError(
      `Cannot ${TASK}: expected more than ${k} ${name} points, got ${points.length}`,
    );
  }
}

/** Computes the distance of a point from its k-th nearest neighbour. */
function radius(points: readonly Point[], from: Point, k: number): number {
  const distances = points.map((to) => Math.hypot(to[0] - from[0], to[1] - from[1]));
  return distances.sort((a, b) => a - b)[k]!; // the first is the point itself
}

/** Angles of the points on a circle. */
const TURN = Array.from({ length: 33 }, (_, i) => i / 32 * 2 * Math.PI);

/** Makes one path of many discs. A null ends a disc. */
function discs(
  points: readonly Point[],
  k: number,
): { x: (number | null)[]; y: (number | null)[] } {
  const circles = points.map((at) => ({ at, reach: radius(points, at, k) }));
  return {
    x: circles.flatMap(({ at, reach }) => [...TURN.map((a) => at[0] + reach * Math.cos(a)), null]),
    y: circles.flatMap(({ at, reach }) => [...TURN.map((a) => at[1] + reach * Math.sin(a)), null]),
  };
}

/**
 * Makes an ellipse that contains most of a normal distribution: two standard deviations in each
 * direction.
 */
function ellipse(points: readonly Point[]): { x: number[]; y: number[] } {
  const mean = (value: (point: Point) => number) =>
    points.reduce((sum, point) => sum + value(point), 0) / points.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const [xx, yy] = [mean(([x]) => (x - mx) ** 2), mean(([, y]) => (y - my) ** 2)];
  const xy = mean(([x, y]) => (x - mx) * (y - my));
  // Cholesky decomposition of the covariance.
  const a = Math.sqrt(Math.max(xx, 1e-12));
  const b = xy / a;
  const c = Math.sqrt(Math.max(yy - b * b, 0));
  return {
    x: TURN.map((t) => mx + 2 * a * Math.cos(t)),
    y: TURN.map((t) => my + 2 * (b * Math.cos(t) + c * Math.sin(t))),
  };
}

function panelTraces(
  { real, generated }: MeasuredSets,
  { at, k }: { readonly at: number; readonly k: number },
): Data[] {
  const common = { type: "scatter", ...axesOf(at), showlegend: at === 0 };
  const dots = (name: string, points: readonly Point[], color: string) => ({
    ...common,
    mode: "markers",
    name,
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    marker: { color, size: 6 },
  });
  const oval = (name: string, points: readonly Point[], color: string) => ({
    ...common,
    mode: "lines",
    name,
    ...ellipse(points),
    line: { color, width: 1.5, dash: "dash" },
  });
  const neighbourhoods = {
    ...common,
    mode: "lines",
    name: "neighbourhoods of real points",
    ...discs(real, k),
    fill: "toself",
    fillcolor: "rgba(0,114,178,0.12)",
    line: { color: "rgba(0,114,178,0.35)", width: 1 },
  };
  return [
    neighbourhoods,
    oval("normal distribution of real points", real, COLORS.real),
    oval("normal distribution of generated points", generated, COLORS.fake),
    dots("real", real, COLORS.real),
    dots("generated", generated, COLORS.fake),
  ] as unknown as Data[];
}

/** Heights in CSS pixels: of a panel, of a line of text above it, and of the legend below. */
const [PANEL, LINE, LEGEND_ROOM] = [230, 18, 110];

/** Arranges square panels in rows, each with its lines of text above. */
function panelLayout(
  titles: readonly (readonly string[])[],
  { across, range }: { readonly across: number; readonly range: number },
): Partial<Layout> {
  const rows = Math.ceil(titles.length / across);
  const lines = Math.max(...titles.map(({ length }) => length));
  const edge = across === 1 ? PANEL : PANEL - 20;
  const high = edge + lines * LINE + 12;
  const axes: Record<string, unknown> = {};
  const hidden = {
    showticklabels: false,
    zeroline: false,
    range: [-range, range],
    fixedrange: true,
  };
  const annotations = titles.map((title, at) => {
    const [row, column] = [Math.floor(at / across), at % across];
    const { xaxis, yaxis } = axesOf(at);
    const x = [column / across, (column + 0.94) / across];
    const y = [1 - (row + 1 - 8 / high) / rows, 1 - (row + lines * LINE / high) / rows];
    const common = { ...hidden, constrain: "domain" };
    axes[xaxis.replace("x", "xaxis")] = { ...common, domain: x, anchor: yaxis };
    axes[yaxis.replace("y", "yaxis")] = { ...common, domain: y, anchor: xaxis, scaleanchor: xaxis };
    const text = title.map(plainText).join("<br>");
    const place = { xref: "paper", yref: "paper", x: (x[0]! + x[1]!) / 2, y: y[1] };
    return {
      text,
      ...place,
      xanchor: "center",
      yanchor: "bottom",
      showarrow: false,
      font: { size: 12 },
    };
  });
  const margin = { l: 12, r: 12, t: 44, b: 12 };
  const height = rows * high + margin.t + LEGEND_ROOM;
  return { ...axes, annotations, margin, height } as unknown as Partial<Layout>;
}
