/** Runs a training with a live figure, a progress bar and a timeline of samples. */
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

/** Run with counted steps, such as `TrainingRun`. */
export interface WatchableRun {
  /** Number of finished steps. */
  readonly step: number;
  /** Counts the steps from the present one to `total - 1`. */
  steps(
    total: number,
    options: { readonly signal?: AbortSignal; readonly note?: () => string },
  ): AsyncIterable<number>;
}

/** Parts of a discriminator that are shown. */
export interface WatchableDiscriminator {
  /** Losses on real and on generated samples. */
  readonly history: ScoreSeries;
  /** Mean answers to real and to generated samples. */
  readonly answers: ScoreSeries;
  /** Loss of the discriminator. */
  readonly loss: { readonly equilibrium: number; readonly answers: string };
  /** Losses of all steps. */
  readonly progress: readonly number[];
}

/** Timeline that stores samples of some steps, such as `SampleTimeline`. */
export interface WatchableTimeline {
  /** Tells whether samples should be stored after the given number of steps. */
  isDue(step: number): boolean;
  /** Stores the samples of a step. */
  add(step: number, images: ArrayLike<number>): void;
}

/** Options of {@linkcode watch}. */
export interface WatchOptions {
  /** Result of `startNotebook()`, for the progress bar and the interrupt button. */
  readonly notebook?: Notebook;
  /** Discriminator, whose losses and answers are drawn. */
  readonly D: WatchableDiscriminator;
  /** Generator, whose losses are drawn. */
  readonly G: { readonly progress: readonly number[] };
  /** Makes the samples that are drawn, `[count, side * side]` in [0, 1]. Use the same inputs each time. */
  readonly samples: () => ArrayLike<number>;
  /** Timeline that stores samples during the training; none by default. */
  readonly timeline?: WatchableTimeline;
  /** Number of samples per row. By default the grid is nearly square. */
  readonly columns?: number;
  /** Title of the figure, as plain text. */
  readonly title?: string;
}

/** Loop that shows its progress. */
export interface WatchedLoop extends AsyncIterable<number> {
  /** Share of the time that drawing has taken so far, from 0 to 1. */
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
  expected: "an async iterable of steps",
  fault: (value) =>
    typeof (Object(value) as Partial<AsyncIterable<number>>)[Symbol.asyncIterator] === "function"
      ? undefined
      : "type",
};

function networkFault(value: unknown): "type" | undefined {
  return Array.isArray((Object(value) as { progress?: unknown }).progress) ? undefined : "type";
}

/**
 * Counts the steps of a run up to `total` and shows its progress: a bar with the last losses, and a
 * figure of losses, answers and samples that is drawn about once per second. If the timeline is
 * due, stores samples before a step and at the end.
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
 * @throws {TypeError | RangeError} if the run has no steps, or an option is missing, unknown or
 * wrong.
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

/** Counts the steps, stores samples that are due, and draws after each step if it is due. */
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

/** Reads the notebook's signal when the loop starts, because each loop has its own signal. */
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
