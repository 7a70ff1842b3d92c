/** Figures of a GAN whose samples are points in the plane: what D sees, what it tells G, and what G does. */
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

/** A GAN in the plane at one moment. */
export interface PlaneState {
  /** Iterations that were done. */
  readonly iteration: number;
  /** The surface covers -reach to reach in both directions. */
  readonly reach: number;
  /** D's answers, 0 to 1, on a square grid, `[cells * cells]`, row by row from below. */
  readonly surface: ArrayLike<number>;
  /** Real points, `[points, 2]`. */
  readonly real: ArrayLike<number>;
  /** Generated points, `[points, 2]`. */
  readonly fake: ArrayLike<number>;
  /** The way that D sends each generated point: minus the gradient of G's loss by the point, `[points, 2]`. */
  readonly pushes: ArrayLike<number>;
  /** G's points for a square lattice of noise, `[side * side, 2]`, row by row. */
  readonly lattice: ArrayLike<number>;
}

/** Options of {@linkcode planeFigure} and its relatives. */
export interface PlaneFigureOptions {
  /** The title, plain text. */
  readonly title?: string;
}

/** Options of {@linkcode planesFigure}. */
export interface PlanesFigureOptions extends PlaneFigureOptions {
  /** How many panels are side by side; by default up to three. */
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

/** A state may have more than these parts: pictures of a camera do. */
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

/** The longest arrow that shows a gradient, in units of the plane. */
const LONGEST_ARROW = 0.8;

/** A move is drawn so many times as long at most. */
const MOST_TIMES = 1000;

/**
 * Draws panels of the plane side by side, with one legend for all.
 *
 * @throws {TypeError | RangeError} if there is no panel, or a part of one or an option is unknown or wrong.
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

/** Says what a panel shows, for readers who do not see it. */
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

/** Makes the traces of all panels; the legend explains each kind once. */
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
 * Draws D's answers below real and generated points, with the gradients that D sends as arrows, and beside it
 * the lattice of noise as G bends it.
 *
 * @throws {TypeError | RangeError} if the state or an option is unknown or wrong.
 */
export function planeFigure(picture: PlaneState, options: PlaneFigureOptions = {}): Figure {
  checkState("draw the plane", "picture", { state: picture });
  checkOptions("draw the plane", options, { kinds: TITLE_KINDS });
  const { title = `Iteration ${picture.iteration.toLocaleString("en-US")}` } = options;
  return planesFigure(panelsOf(picture), { title });
}

/** Makes the two panels of a state; `largest` is the gradient whose arrow is the longest. */
function panelsOf(state: PlaneState, largest = longest(state.pushes)): PlanePanel[] {
  const { reach, real, lattice } = state;
  return [
    arrowPanel(state, { title: "D and its arrows", largest }),
    { title: "G's map", below: "a square of noise, bent", reach, real, lattice },
  ];
}

/** The part of a state that one panel shows. */
export type AnswerState = Omit<PlaneState, "lattice" | "iteration">;

/** Makes the panel of D's answers below the points, with the gradients that it sends; for {@linkcode planesFigure}. */
export function answerPanel(state: AnswerState, title: string): PlanePanel {
  checkState("draw the plane", "state", { state, without: ["lattice", "iteration"] });
  check("draw the plane", { title }, text);
  return arrowPanel(state, { title, largest: longest(state.pushes) });
}

function arrowPanel(
  { reach, surface, real, fake, pushes }: AnswerState,
  { title, largest }: { readonly title: string; readonly largest: number },
): PlanePanel {
  const along = scaled(pushes, largest === 0 ? 0 : LONGEST_ARROW / largest);
  const below = `longest gradient: ${Number(largest.toPrecision(2))}`;
  const arrows = { name: "gradient from D", from: fake, along };
  return { title, below, reach, surface, real, fake, arrows };
}

/**
 * Draws states before and after a step of one of the networks, and what changed: D's answers in a scale of their
 * own, and the moves of G's points, longer than they are.
 *
 * @throws {TypeError | RangeError} if the states have not the same sizes, or an option is unknown or wrong.
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
    check("draw a step", { [`the ${part} after it`]: after[part].length }, {
      expected: `of ${before[part].length} numbers as before`,
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

/** Says how strong the colours and how long the arrows of a change are. */
function changeText(change: readonly number[], times: number): string {
  const largest = Math.max(...change.map(Math.abs));
  const surface = largest === 0 ? "D stays" : `D: up to ${largest.toPrecision(2)}`;
  const points = times === 0 ? "G stays" : times === 1 ? "G's moves" : `G's moves × ${times}`;
  return `${surface}, ${points}`;
}

/** Finds a round factor that makes the longest move about half a unit; 0 if nothing moves. */
function timesFor(largest: number): number {
  if (largest === 0) return 0;
  const wanted = Math.min(MOST_TIMES, Math.max(1, 0.8 / largest));
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * [5, 2, 1].find((digit) => digit * power <= wanted)!;
}

/**
 * Draws {@linkcode planeFigure} at several iterations, with a slider and a play button; it begins with the last.
 * Of more than 40 states it keeps 40, the first and the last among them.
 *
 * @throws {TypeError | RangeError} if there is no state, if one is wrong, or an option is.
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
  // Words above panels do not change with the slider: all states share one scale of arrows.
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

/** Finds the length of the longest of vectors `[count, 2]`. */
function longest(vectors: ArrayLike<number>): number {
  let length = 0;
  for (let i = 0; i < vectors.length; i += 2) {
    length = Math.max(length, Math.hypot(vectors[i]!, vectors[i + 1]!));
  }
  return length;
}
