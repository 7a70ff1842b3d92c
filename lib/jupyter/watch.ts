/** A training that one watches: its loop, with the live figure, the bar and the timeline. */
import {
  callable,
  check,
  checkOptions,
  type Kind,
  type Kinds,
  objectWith,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { type ScoreSeries, trainingFigure } from "../plot/mod.ts";
import { type LiveFigure, liveFigure } from "./live_figure.ts";
import type { Notebook } from "./notebook.ts";

/** A run of counted steps, such as `TrainingRun`. */
export interface WatchableRun {
  /** Steps that are done. */
  readonly step: number;
  /** Counts from where the run is to `total - 1`. */
  steps(
    total: number,
    options: { readonly signal?: AbortSignal; readonly note?: () => string },
  ): AsyncIterable<number>;
}

/** Parts of a discriminator that are watched. */
export interface WatchableDiscriminator {
  /** Its losses on real and on generated samples. */
  readonly history: ScoreSeries;
  /** Its mean answers to real and to generated samples. */
  readonly answers: ScoreSeries;
  /** The loss that measures its answers. */
  readonly loss: { readonly equilibrium: number; readonly answers: string };
  /** Its losses. */
  readonly progress: readonly number[];
}

/** Grids of samples that are kept at a few steps, such as `SampleTimeline`. */
export interface WatchableTimeline {
  /** Tells whether a grid should be kept after so many steps. */
  isDue(step: number): boolean;
  /** Keeps samples of a step. */
  add(step: number, images: ArrayLike<number>): void;
}

/** Options of {@linkcode watch}. */
export interface WatchOptions {
  /** The result of `startNotebook()`: its bar and its interrupt button. */
  readonly notebook?: Notebook;
  /** The discriminator, whose losses and answers are drawn. */
  readonly D: WatchableDiscriminator;
  /** The generator, whose losses are drawn. */
  readonly G: { readonly progress: readonly number[] };
  /** Makes the samples that are drawn: `[count, side * side]` in [0, 1], of the same inputs each time. */
  readonly samples: () => ArrayLike<number>;
  /** Keeps samples on the way; none are kept by default. */
  readonly timeline?: WatchableTimeline;
  /** The number of samples side by side; as many as make the grid nearest to a square by default. */
  readonly columns?: number;
  /** The title of the figure, plain text. */
  readonly title?: string;
}

/** A loop that is watched. */
export interface WatchedLoop extends AsyncIterable<number> {
  /** The share of the time that drawing took so far, from 0 to 1. */
  readonly drawingShare: number;
}

const TASK = "watch a training";

const network: Kind = { expected: "a network", fault: networkFault };

const KINDS: Kinds<WatchOptions> = {
  notebook: objectWith("what startNotebook() returned", ["onProgress"]),
  D: network,
  G: network,
  samples: callable,
  timeline: objectWith("a timeline", ["isDue", "add"]),
  columns: wholeNumber({ from: 1 }),
  title: text,
};

const counter: Kind = {
  expected: "a counter to wait for",
  fault: (value) =>
    typeof (Object(value) as Partial<AsyncIterable<number>>)[Symbol.asyncIterator] === "function"
      ? undefined
      : "type",
};

function networkFault(value: unknown): "type" | undefined {
  return Array.isArray((Object(value) as { progress?: unknown }).progress) ? undefined : "type";
}

/**
 * Counts the steps of a run up to `total` and shows how it goes: a bar with the last losses, and a figure
 * of losses, answers and samples that is drawn anew about once a second. Before a step that is due the
 * timeline keeps the samples, and at the end too.
 *
 * ```ts
 * import { Discriminator, Generator } from "../nn/mod.ts";
 * import { TrainingRun } from "../train/mod.ts";
 * import { watch } from "./mod.ts";
 *
 * const [D, G] = [new Discriminator(), new Generator()];
 * const folder = Deno.makeTempDirSync();
 * const run = new TrainingRun({ networks: { D, G } }, { folder });
 * for await (const _ of watch(run, 5, { D, G, samples: () => [] })) {
 *   D.train([1, 0, 1, 0], [1]);
 *   D.train(G.forward([0.5]), [0]);
 *   G.train(D, [0.5], [1]);
 * }
 * Deno.removeSync(folder, { recursive: true });
 * ```
 *
 * @throws {TypeError | RangeError} if the run has no steps, or an option is missing, unknown or wrong.
 */
export function watch(run: WatchableRun, total: number, options: WatchOptions): WatchedLoop {
  check(TASK, { run }, objectWith("a run, such as a TrainingRun", ["steps"]));
  check(TASK, { "the steps of the run": run.steps }, callable);
  check(TASK, { "the step of the run": run.step }, wholeNumber({ from: 0 }));
  check(TASK, { total }, wholeNumber({ from: 0 }));
  checkOptions(TASK, options, { kinds: KINDS, required: ["D", "G", "samples"] });
  let live: LiveFigure | undefined;
  return {
    get drawingShare() {
      return live && live.elapsedMs > 0 ? live.spentMs / live.elapsedMs : 0;
    },
    async *[Symbol.asyncIterator]() {
      live = await liveFigure(() => drawTraining(options));
      try {
        yield* watched(run, total, { ...options, live });
      } finally {
        await live.finish();
      }
    },
  };
}

/** Counts the steps, keeps samples that are due, and draws after each step if it is time to. */
async function* watched(
  run: WatchableRun,
  total: number,
  options: WatchOptions & { readonly live: LiveFigure },
): AsyncGenerator<number, undefined> {
  const { notebook, D, G, samples, timeline, live } = options;
  const keep = (step: number) => {
    if (timeline?.isDue(step)) timeline.add(step, samples());
  };
  const last = (losses: readonly number[]) => losses.at(-1)?.toFixed(2) ?? "…";
  const note = () => `D ${last(D.progress)} · G ${last(G.progress)}`;
  const counted = run.steps(total, { ...loopOptions(notebook), note });
  check(TASK, { "what the run's steps() returns": counted }, counter);
  for await (const step of counted) {
    keep(step);
    yield step;
    await live.update();
  }
  keep(run.step);
  return undefined;
}

/** Reads the notebook's signal when the loop begins: every loop has one of its own. */
function loopOptions(notebook: Notebook | undefined): Partial<Notebook> {
  return notebook ? { signal: notebook.signal, onProgress: notebook.onProgress } : {};
}

function drawTraining({ D, G, samples, columns, title }: WatchOptions) {
  const { equilibrium, answers } = D.loss;
  return trainingFigure({
    losses: { ...D.history, generator: G.progress },
    scores: D.answers,
    samples: samples(),
  }, {
    equilibrium: { loss: equilibrium, ...(answers !== "score" && { score: 0.5 }) },
    ...columns !== undefined && { columns },
    ...title !== undefined && { title },
  });
}
