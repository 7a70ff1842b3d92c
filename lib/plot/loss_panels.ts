/** Figure of the losses of several attempts, in one panel per attempt, on equal axes. */
import {
  anything,
  check,
  checkOptions,
  finiteNumber,
  type Kinds,
  optional,
  recordOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure, type Layout } from "./figure.ts";
import {
  balanceTrace,
  describeLines,
  lastIteration,
  type Line,
  linePoints,
  lineTrace,
} from "./lines.ts";
import type { LossSeries } from "./losses.ts";
import { seriesOf } from "./series.ts";
import { axesOf, chartLayout, COLORS, ITERATION, LEGEND, plainText } from "./theme.ts";
import { columnsFor } from "./thin.ts";

/** Losses of one attempt. */
export interface AttemptLosses extends LossSeries {
  /**
   * Loss of a D that cannot distinguish real from generated samples, drawn as a dashed line; none
   * by default.
   */
  readonly equilibrium?: number;
}

/** Options of {@linkcode lossPanelsFigure}. */
export interface LossPanelsFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
  /** Number of iterations from one loss to the next; 10 by default. */
  readonly every?: number;
  /** Lower end of the axis of losses; 0.001 by default. The axis is logarithmic. */
  readonly least?: number;
  /** Number of panels per row; 3 by default, and 2 on narrow pages. */
  readonly columns?: number;
}

const TASK = "draw losses side by side";

const KINDS: Kinds<LossPanelsFigureOptions> = {
  title: text,
  every: finiteNumber({ above: 0 }),
  least: finiteNumber({ above: 0 }),
  columns: wholeNumber({ from: 1, to: 12 }),
};

/**
 * Draws the losses of several attempts, by name, in one panel per attempt. All panels have equal
 * axes, so that one can compare how far the losses are from the dashed lines. Long series are
 * thinned.
 *
 * @throws {TypeError | RangeError} if there is no attempt, a series of an attempt is missing, or an
 * option is unknown or wrong.
 */
export function lossPanelsFigure(
  attempts: Readonly<Record<string, AttemptLosses>>,
  options: LossPanelsFigureOptions = {},
): Figure {
  check(TASK, { attempts }, recordOf(anything));
  checkOptions(TASK, options, { kinds: KINDS });
  const { title = "Losses", every = 10, least = 1e-3, columns = 3 } = options;
  const names = Object.keys(attempts);
  if (names.length === 0) {
    throw new RangeError(`Cannot ${TASK}: expected at least one attempt, got none`);
  }
  const panels = names.map((name) => linesOf(attempts[name]!));
  const all = panels.flat().map(({ values }) => values);
  const last = lastIteration(all, every) || every;
  const thinned = { every, smoothing: 1, columns: columnsFor(3 * names.length) };
  const data = panels.flatMap((lines, at): Data[] => {
    const balance = attempts[names[at]!]!.equilibrium;
    const traces = [
      ...lines.map(({ name, color, values }) =>
        lineTrace(name, color, linePoints(values, thinned))
      ),
      ...balance === undefined
        ? []
        : [{ ...balanceTrace(balance, last, COLORS.line), name: "D cannot tell" }],
    ];
    return traces.map((trace) => ({ ...trace, ...axesOf(at), showlegend: at === 0 }) as Data);
  });
  const most = Math.max(...all.map((values) => values.reduce((a, b) => Math.max(a, b), 1)));
  const range: [number, number] = [Math.log10(least), Math.log10(most * 1.5)];
  const grid = (across: number) => gridOf(names, { across, range, last });
  const alt = `${title}: ${
    names.map((name, at) => `${name}: ${describeLines(panels[at]!, every)}`).join("; ")
  }.`;
  const { xaxis: _x, yaxis: _y, ...rest } = chartLayout({ title, x: ITERATION, y: "loss" });
  return new Figure(data, { ...rest, legend: LEGEND, ...grid(columns) }, { alt, narrow: grid(2) });
}

function linesOf(losses: AttemptLosses): Line[] {
  const { real, fake, generator } = seriesOf(TASK, losses, ["real", "fake", "generator"]);
  check(TASK, { equilibrium: losses.equilibrium }, optional(finiteNumber()));
  return [
    { name: "D on real", color: COLORS.real, values: real },
    { name: "D on generated", color: COLORS.fake, values: fake },
    { name: "G", color: COLORS.generator, values: generator },
  ];
}

interface GridOptions {
  readonly across: number;
  readonly range: [number, number];
  readonly last: number;
}

/** Height of a panel with its title and the space below it, in pixels. */
const PANEL = 190;

/** Arranges panels in rows, each with its name above. */
function gridOf(names: readonly string[], options: GridOptions): Partial<Layout> {
  const rows = Math.ceil(names.length / options.across);
  const panels = names.map((name, at) => panelOf(name, { at, rows, ...options }));
  const axes = Object.assign({}, ...panels.map(({ axes }) => axes));
  const annotations = panels.map(({ title }) => title);
  return { ...axes, annotations, height: rows * PANEL + 110 };
}

interface PanelOptions extends GridOptions {
  readonly at: number;
  readonly rows: number;
}

/** Makes the axes of a panel and the name above it. */
function panelOf(name: string, { at, rows, across, range, last }: PanelOptions) {
  const [row, column] = [Math.floor(at / across), at % across];
  const top = 1 - row / rows;
  const x: Domain = [column / across, (column + 0.86) / across];
  const y: Domain = [Math.max(0, top - (PANEL - 40) / (rows * PANEL)), top - 20 / (rows * PANEL)];
  const { xaxis, yaxis } = axesOf(at);
  const axes = {
    [xaxis.replace("x", "xaxis")]: {
      ...{ domain: x, anchor: yaxis, range: [0, last], nticks: 4, zeroline: false },
      unifiedhovertitle: { text: `${ITERATION} %{x:,}` },
    },
    [yaxis.replace("y", "yaxis")]: {
      ...{ domain: y, anchor: xaxis, range, type: "log", dtick: 1, zeroline: false },
      ...{ exponentformat: "none", showticklabels: column === 0 },
    },
  };
  const place = { xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom" } as const;
  const title = { ...place, x: x[0], y: y[1], text: plainText(name), showarrow: false };
  return { axes, title: { ...title, font: { size: 12 } } };
}

/** Start and end, as fractions of the figure. */
type Domain = [start: number, end: number];
