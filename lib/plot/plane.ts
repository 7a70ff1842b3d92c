/**
 * Figures of a GAN whose samples are points in the plane: the answers of D, its gradients, and the
 * points of G.
 */
import {
  anything,
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  isPlainObject,
  type Kinds,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type Data, Figure, type FigureFrame } from "./figure.ts";
import {
  checkPanel,
  narrowColumns,
  panelList,
  panelsAspect,
  panelsLayout,
  panelTraces,
  type PlanePanel,
} from "./plane_panels.ts";
import { surfaceLegend } from "./plane_traces.ts";
import { numbers } from "./series.ts";
import { keptFrames, withSlider } from "./slider.ts";

/** State of a GAN in the plane at one moment. */
export interface PlaneState {
  /** Number of finished iterations. */
  readonly iteration: number;
  /** Half the side of the surface: it covers -reach to reach in x and in y. */
  readonly reach: number;
  /** Answers of D, 0 to 1, on a square grid, `[cells * cells]`, row by row from below. */
  readonly surface: ArrayLike<number>;
  /** Real points, `[points, 2]`. */
  readonly real: ArrayLike<number>;
  /** Generated points, `[points, 2]`. */
  readonly fake: ArrayLike<number>;
  /** Negative gradient of G's loss with respect to each generated point, `[points, 2]`. */
  readonly pushes: ArrayLike<number>;
  /** Generated points for a square lattice of noise, `[side * side, 2]`, row by row. */
  readonly lattice: ArrayLike<number>;
}

/** Options of {@linkcode planeFigure}, {@linkcode stepFigure} and {@linkcode planesOverTimeFigure}. */
export interface PlaneFigureOptions {
  /** Title, as plain text. */
  readonly title?: string;
}

/** Options of {@linkcode planesFigure}. */
export interface PlanesFigureOptions extends PlaneFigureOptions {
  /** Number of panels per row; by default up to three. */
  readonly columns?: number;
}

const PARTS: Kinds<PlaneState> = {
  iteration: finiteNumber(),
  reach: finiteNumber({ above: 0 }),
  surface: numbers,
  real: numbers,
  fake: numbers,
  pushes: numbers,
  lattice: numbers,
};

/** Checks a state. It may have further parts, as the pictures of a camera do. */
function checkState(
  task: string,
  name: string,
  { state, without = [] }: { readonly state: unknown; readonly without?: readonly string[] },
): void {
  check(task, { [name]: state }, {
    expected: "a state of a GAN in the plane",
    fault: (value) => isPlainObject(value) && "surface" in value ? undefined : "type",
  });
  for (const [part, kind] of Object.entries(PARTS)) {
    if (without.includes(part)) continue;
    check(task, { [`${part} of ${name}`]: (state as Record<string, unknown>)[part] }, kind);
  }
}

const KINDS: Kinds<PlanesFigureOptions> = { title: text, columns: wholeNumber({ from: 1, to: 6 }) };
const { columns: _, ...TITLE_KINDS } = KINDS;

/** Length of the longest arrow of a gradient, in units of the plane. */
const LONGEST_ARROW = 0.8;

/** Maximum factor by which moves are enlarged. */
const MOST_TIMES = 1000;

/**
 * Draws panels of the plane side by side, with one legend.
 *
 * @throws {TypeError | RangeError} if there is no panel, or an option or a part of a panel is
 * unknown or wrong.
 */
export function planesFigure(
  panels: readonly PlanePanel[],
  options: PlanesFigureOptions = {},
): Figure {
  const task = "draw the plane";
  check(task, { panels }, panelList);
  check(task, { "the number of panels": panels.length }, wholeNumber({ from: 1 }));
  checkOptions(task, options, { kinds: KINDS });
  panels.forEach(checkPanel);
  const { title = "The plane", columns = Math.min(3, panels.length) } = options;
  const narrow = panelsLayout(panels, { title, columns: narrowColumns(columns), page: "narrow" });
  const parts = {
    alt: `${title}: ${panels.map(describePanel).join("; ")}.`,
    aspect: panelsAspect(panels.length, columns),
    ...columns > 1 && { narrow },
  };
  return new Figure(tracesOf(panels), panelsLayout(panels, { title, columns }), parts);
}

/** Describes a panel for readers who cannot see it. */
function describePanel(panel: PlanePanel): string {
  const { title, below, surface, change, real, fake, arrows, lattice } = panel;
  const parts = [
    ...surface ? ["D's answers as colours"] : [],
    ...change ? ["the change of D's answers as colours"] : [],
    ...real ? [`${real.length / 2} real points`] : [],
    ...fake ? [`${fake.length / 2} generated points`] : [],
    ...arrows ? [`arrows (${arrows.name})`] : [],
    ...lattice ? ["a bent lattice of noise"] : [],
  ];
  return `${title}${below === undefined ? "" : ` (${below})`} with ${
    parts.join(", ") || "nothing"
  }`;
}

/** Makes the traces of all panels. The legend contains each kind of trace once. */
function tracesOf(panels: readonly PlanePanel[]): Data[] {
  const seen = new Set<unknown>();
  const traces = panels.flatMap(panelTraces).map((trace) => {
    const { legendgroup } = trace as { legendgroup?: string };
    const showlegend = legendgroup !== undefined && !seen.has(legendgroup);
    seen.add(legendgroup);
    return { ...trace, showlegend } as Data;
  });
  return panels.some(({ surface }) => surface) ? [...traces, ...surfaceLegend()] : traces;
}

/**
 * Draws the answers of D as a coloured surface, with real and generated points and arrows for D's
 * gradients, and beside it the lattice of noise as G maps it.
 *
 * @throws {TypeError | RangeError} if the state or an option is unknown or wrong.
 */
export function planeFigure(picture: PlaneState, options: PlaneFigureOptions = {}): Figure {
  checkState("draw the plane", "picture", { state: picture });
  checkOptions("draw the plane", options, { kinds: TITLE_KINDS });
  const { title = `Iteration ${picture.iteration.toLocaleString("en-US")}` } = options;
  return planesFigure(panelsOf(picture), { title });
}

/** Makes the two panels of a state. Its longest gradient, or that of all states, gets the longest arrow. */
function panelsOf(state: PlaneState, ofAll?: number): PlanePanel[] {
  const { reach, real, lattice } = state;
  return [
    arrowPanel(state, { title: "D and its arrows", ...ofAll !== undefined && { ofAll } }),
    { title: "G's map", below: "a square of noise, bent", reach, real, lattice },
  ];
}

/** Parts of a state that {@linkcode answerPanel} shows. */
export type AnswerState = Omit<PlaneState, "lattice" | "iteration">;

/**
 * Makes a panel for {@linkcode planesFigure}: the answers of D as a surface, the points, and arrows
 * for D's gradients.
 *
 * @throws {TypeError | RangeError} if a part of the state is wrong, or `title` is not a string.
 */
export function answerPanel(state: AnswerState, title: string): PlanePanel {
  checkState("draw the plane", "state", { state, without: ["lattice", "iteration"] });
  check("draw the plane", { title }, text);
  return arrowPanel(state, { title });
}

function arrowPanel(
  { reach, surface, real, fake, pushes }: AnswerState,
  { title, ofAll }: { readonly title: string; readonly ofAll?: number },
): PlanePanel {
  const largest = ofAll ?? longest(pushes);
  const along = scaled(pushes, largest === 0 ? 0 : LONGEST_ARROW / largest);
  const words = ofAll === undefined ? "longest gradient" : "longest of all";
  const below = `${words}: ${Number(largest.toPrecision(2))}`;
  const arrows = { name: "gradient from D", from: fake, along };
  return { title, below, reach, surface, real, fake, arrows };
}

/**
 * Draws the states before and after a training step, and the changes: of D's answers, with their
 * own colour scale, and of G's points, as enlarged arrows.
 *
 * @throws {TypeError | RangeError} if the states have different sizes, or an option is unknown or
 * wrong.
 */
export function stepFigure(
  before: PlaneState,
  after: PlaneState,
  options: PlaneFigureOptions = {},
): Figure {
  checkState("draw a step", "before", { state: before });
  checkState("draw a step", "after", { state: after });
  checkOptions("draw a step", options, { kinds: TITLE_KINDS });
  for (const part of ["surface", "fake"] as const) {
    check("draw a step", { [`the length of ${part} after the step`]: after[part].length }, {
      expected: `${before[part].length} as before it`,
      fault: (length) => length === before[part].length ? undefined : "range",
    });
  }
  const change = difference(after.surface, before.surface);
  const moves = difference(after.fake, before.fake);
  const [panelBefore, panelAfter] = [before, after].map((picture, i) => {
    const { arrows: _, ...panel } = panelsOf(picture)[0]!;
    return { ...panel, title: i === 0 ? "before" : "after", below: "D's answer, all points" };
  });
  const times = timesFor(longest(moves));
  const { reach, fake } = before;
  return planesFigure([panelBefore!, panelAfter!, {
    title: "change",
    below: changeText(change, times),
    reach,
    change,
    fake,
    ...times > 0 && { arrows: { name: "move", from: fake, along: scaled(moves, times) } },
  }], { title: options.title ?? "One step" });
}

/** Describes the largest change of D's answers and the enlargement of the arrows. */
function changeText(change: readonly number[], times: number): string {
  const largest = Math.max(...change.map(Math.abs));
  const surface = largest === 0 ? "D stays" : `D: up to ${largest.toPrecision(2)}`;
  const points = times === 0 ? "G stays" : times === 1 ? "G's moves" : `G's moves × ${times}`;
  return `${surface}, ${points}`;
}

/** Chooses a round factor that makes the longest move about half a unit; 0 if no point moves. */
function timesFor(largest: number): number {
  if (largest === 0) return 0;
  const wanted = Math.min(MOST_TIMES, Math.max(1, 0.8 / largest));
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * [5, 2, 1].find((digit) => digit * power <= wanted)!;
}

/**
 * Draws {@linkcode planeFigure} at several iterations, with a slider and a play button. The last
 * state is shown first. Of more than 40 states, 40 are used, including the first and the last.
 *
 * @throws {TypeError | RangeError} if there is no state, or a state or an option is unknown or
 * wrong.
 */
export function planesOverTimeFigure(
  pictures: readonly PlaneState[],
  options: PlaneFigureOptions = {},
): Figure {
  check("draw the plane over time", { pictures }, arrayOf(anything));
  pictures.forEach((state, i) => checkState("draw the plane over time", `picture ${i}`, { state }));
  check(
    "draw the plane over time",
    { "the number of pictures": pictures.length },
    wholeNumber({ from: 1 }),
  );
  checkOptions("draw the plane over time", options, { kinds: TITLE_KINDS });
  const { title = "The plane over training" } = options;
  const kept = keptFrames(pictures);
  for (const picture of kept) panelsOf(picture).forEach(checkPanel);
  // The slider does not change the text above panels, so all states share one scale of arrows.
  const largest = Math.max(...kept.map(({ pushes }) => longest(pushes)));
  const last = planesFigure(panelsOf(kept.at(-1)!, largest), { ...options, title });
  const frames = kept.map((picture): FigureFrame => ({
    name: `iteration ${picture.iteration.toLocaleString("en-US")}`,
    data: tracesOf(panelsOf(picture, largest)).slice(0, -2),
  }));
  const [first, end] = [frames[0]!.name, frames.at(-1)!.name];
  return new Figure(last.data, withSlider(last.layout, frames), {
    frames,
    alt: `${
      last.alt?.replace(/\.$/, "")
    }, with a slider of ${frames.length} states from ${first} to ${end}.`,
    ...last.aspect && { aspect: last.aspect },
    ...last.narrow && { narrow: withSlider(last.narrow, frames) },
  });
}

function difference(after: ArrayLike<number>, before: ArrayLike<number>): number[] {
  return Array.from(after, (value, i) => value - before[i]!);
}

function scaled(vectors: ArrayLike<number>, factor: number): number[] {
  return Array.from(vectors, (value) => value * factor);
}

/** Computes the length of the longest of the vectors `[count, 2]`. */
function longest(vectors: ArrayLike<number>): number {
  let length = 0;
  for (let i = 0; i < vectors.length; i += 2) {
    length = Math.max(length, Math.hypot(vectors[i]!, vectors[i + 1]!));
  }
  return length;
}
