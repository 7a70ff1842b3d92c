/** What a generator made of the same noise on its way: a grid of samples at a few of its steps. */
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
  /** Steps that were done. */
  readonly step: number;
  /** `[samples, pixels]` in [0, 1], in steps of 1/255. */
  readonly images: Float32Array;
}

/** A timeline as plain data that survives JSON. */
export interface TimelineState {
  /** Each grid as its step and its bytes in base 64. */
  readonly grids: readonly (readonly [step: number, bytes: string])[];
}

/** Options of `SampleTimeline`. */
export interface SampleTimelineOptions {
  /** At how many steps samples are kept; 12 by default. */
  readonly frames?: number;
}

const IMAGES: Kind = {
  expected: `${list.expected}, not empty`,
  fault: (value) => list.fault(value) ?? ((value as []).length === 0 ? "range" : undefined),
};

/** The kind of states: a list of steps in order, each with its bytes. */
const STATE: Kind = {
  expected: "a list of grids, each a step and its bytes in base 64",
  fault: (state) => readGrids(state) ? undefined : "type",
};

/** A slider of more frames would not be one. */
const KINDS: Kinds<SampleTimelineOptions> = { frames: wholeNumber({ from: 2, to: 1000 }) };

/**
 * Grids of samples at about `frames` steps of a run, close together at its start, where most changes.
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
   * For a run of `total` steps; frame k is at k² of (frames - 1)² of them.
   *
   * @throws {RangeError} if `total` is not a whole number from 1 on or `frames` not one from 2 to 1000.
   */
  constructor(total: number, options: SampleTimelineOptions = {}) {
    const task = "plan a timeline";
    check(task, { total }, wholeNumber({ from: 1 }));
    checkOptions(task, options, { kinds: KINDS });
    const { frames = 12 } = options;
    const share = (frame: number) => (frame / (frames - 1)) ** 2;
    this.#due = new Set(Array.from({ length: frames }, (_, k) => Math.round(share(k) * total)));
  }

  /** The grids, in order of their steps. */
  get grids(): readonly TimelineGrid[] {
    return this.#grids;
  }

  /** Whether a grid should be added after so many steps. */
  isDue(step: number): boolean {
    check("look into a timeline", { step }, wholeNumber({ from: 0 }));
    return this.#due.has(step) && this.#grids.every((grid) => grid.step !== step);
  }

  /**
   * Keeps samples `[samples, pixels]` of a step, rounded to bytes.
   *
   * @throws {RangeError} if a pixel is not in [0, 1], or the grid before is of a later step.
   */
  add(step: number, images: ArrayLike<number>): void {
    const task = "keep samples";
    check(task, { step }, wholeNumber({ from: (this.#grids.at(-1)?.step ?? -1) + 1 }));
    check(task, { images }, IMAGES);
    for (let i = 0; i < images.length; i++) checkPixel(images[i]!, i);
    const rounded = Float32Array.from(images, (pixel) => Math.round(pixel * 255) / 255);
    this.#grids.push({ step, images: rounded });
  }

  /** What was kept. */
  state(): TimelineState {
    const bytes = (images: Float32Array) => Uint8Array.from(images, (p) => Math.round(p * 255));
    return { grids: this.#grids.map(({ step, images }) => [step, bytes(images).toBase64()]) };
  }

  /**
   * Has what another timeline kept, and nothing else.
   *
   * @throws {TypeError} if it is no state of a timeline; then nothing has changed.
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

/** The grids of a state, or undefined if it is none. */
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
