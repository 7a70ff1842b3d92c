/** Records samples of a generator at some steps of its training, always from the same noise. */
import {
  check,
  checkOptions,
  describeValue,
  type Kind,
  type Kinds,
  list,
  wholeNumber,
} from "../check/mod.ts";

/** Samples at one step. */
export interface TimelineGrid {
  /** Number of finished steps. */
  readonly step: number;
  /** Images `[samples, pixels]` in [0, 1], rounded to multiples of 1/255. */
  readonly images: Float32Array;
}

/** State of a timeline, as plain data that JSON can store. */
export interface TimelineState {
  /** Step and images of each grid. Images are bytes in base 64. */
  readonly grids: readonly (readonly [step: number, bytes: string])[];
}

/** Options of {@linkcode SampleTimeline}. */
export interface SampleTimelineOptions {
  /** Number of steps at which samples are kept, from 2 to 1000; 12 by default. */
  readonly frames?: number;
}

const IMAGES: Kind = {
  expected: `${list.expected}, not empty`,
  fault: (value) => list.fault(value) ?? ((value as []).length === 0 ? "range" : undefined),
};

/** Kind of states: a list of steps in increasing order, each with its bytes. */
const STATE: Kind = {
  expected: "a list of grids, each a step and its bytes in base 64",
  fault: (state) => readGrids(state) ? undefined : "type",
};

/** Kinds of the options. A slider cannot usefully show more than 1000 frames. */
const KINDS: Kinds<SampleTimelineOptions> = { frames: wholeNumber({ from: 2, to: 1000 }) };

/**
 * Samples of a generator at about `frames` steps of a run. The steps are close together at the
 * start, where most changes happen.
 *
 * ```ts
 * import { SampleTimeline } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const timeline = new SampleTimeline(100, { frames: 3 });
 * assert.deepEqual([0, 25, 50, 100].filter((step) => timeline.isDue(step)), [0, 25, 100]);
 * ```
 */
export class SampleTimeline {
  readonly #due: ReadonlySet<number>;
  #grids: TimelineGrid[] = [];

  /**
   * Plans the steps for a run of `total` steps: frame k is at k² / (frames - 1)² of the run.
   *
   * @throws {TypeError | RangeError} if `total` is not a whole number from 1 on, or `frames` is not
   * one from 2 to 1000.
   */
  constructor(total: number, options: SampleTimelineOptions = {}) {
    const task = "plan a timeline";
    check(task, { total }, wholeNumber({ from: 1 }));
    checkOptions(task, options, { kinds: KINDS });
    const { frames = 12 } = options;
    const share = (frame: number) => (frame / (frames - 1)) ** 2;
    this.#due = new Set(Array.from({ length: frames }, (_, k) => Math.round(share(k) * total)));
  }

  /** Grids so far, in order of their steps. */
  get grids(): readonly TimelineGrid[] {
    return this.#grids;
  }

  /** Tells whether a grid should be added after the given number of steps. */
  isDue(step: number): boolean {
    check("look into a timeline", { step }, wholeNumber({ from: 0 }));
    return this.#due.has(step) && this.#grids.every((grid) => grid.step !== step);
  }

  /**
   * Adds samples `[samples, pixels]`, rounded to bytes.
   *
   * @throws {TypeError | RangeError} if a pixel is not in [0, 1], or `step` is not after the step
   * of the last grid.
   */
  add(step: number, images: ArrayLike<number>): void {
    const task = "keep samples";
    check(task, { step }, wholeNumber({ from: (this.#grids.at(-1)?.step ?? -1) + 1 }));
    check(task, { images }, IMAGES);
    for (let i = 0; i < images.length; i++) checkPixel(images[i]!, i);
    const rounded = Float32Array.from(images, (pixel) => Math.round(pixel * 255) / 255);
    this.#grids.push({ step, images: rounded });
  }

  /** Returns the grids as plain data, for `restore`. */
  state(): TimelineState {
    const bytes = (images: Float32Array) => Uint8Array.from(images, (p) => Math.round(p * 255));
    return { grids: this.#grids.map(({ step, images }) => [step, bytes(images).toBase64()]) };
  }

  /**
   * Replaces the grids by those of a state.
   *
   * @throws {TypeError} if it is not the state of a timeline; then nothing has changed.
   */
  restore(state: TimelineState): void {
    check("restore a timeline", { state }, STATE);
    this.#grids = readGrids(state)!;
  }
}

function checkPixel(pixel: number, position: number): void {
  if (typeof pixel === "number" && pixel >= 0 && pixel <= 1) return;
  throw new RangeError(
    `Cannot keep samples: expected pixels in [0, 1], got ${describeValue(pixel)} at position ` +
      position,
  );
}

/** Reads the grids of a state. Returns undefined if it is not one. */
function readGrids(state: unknown): TimelineGrid[] | undefined {
  const { grids } = Object(state) as Partial<TimelineState>;
  if (!Array.isArray(grids)) return undefined;
  const found: TimelineGrid[] = [];
  for (const grid of grids) {
    const read = readGrid(grid);
    if (!read || read.step <= (found.at(-1)?.step ?? -1)) return undefined;
    found.push(read);
  }
  return found;
}

function readGrid(grid: unknown): TimelineGrid | undefined {
  if (!Array.isArray(grid) || !Number.isSafeInteger(grid[0]) || grid[0] < 0) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(grid[1]);
    return { step: grid[0], images: Float32Array.from(bytes, (byte) => byte / 255) };
  } catch {
    return undefined;
  }
}
