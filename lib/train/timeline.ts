/** What a generator made of the same noise on its way: a grid of samples at a few of its steps. */
import {
  check,
  checkOptions,
  describeValue,
  type Kind,
  type Kinds,
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
  expected: "an array of numbers, not empty",
  fault: (value) => {
    if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && "length" in value)) return "type";
    return value.length === 0 ? "range" : undefined;
  },
};

const KINDS: Kinds<SampleTimelineOptions> = { frames: wholeNumber({ from: 2 }) };

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
   * @throws {RangeError} if `total` is not a whole number from 1 on or `frames` not one from 2 on.
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
    const rounded = Float32Array.from(images, (pixel, i) => {
      if (pixel >= 0 && pixel <= 1) return Math.round(pixel * 255) / 255;
      throw new RangeError(
        `Cannot keep samples: expected pixels in [0, 1], got ${pixel} at position ${i}`,
      );
    });
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
    const { grids } = Object(state) as Partial<TimelineState>;
    const found = Array.isArray(grids) ? grids.map(readGrid) : [undefined];
    const inOrder = (grid: TimelineGrid | undefined, i: number): grid is TimelineGrid =>
      grid !== undefined && (i === 0 || grid.step > found[i - 1]!.step);
    if (!found.every(inOrder)) {
      throw new TypeError(
        "Cannot restore a timeline: expected a list of grids, each a step and its bytes in base 64, got " +
          describeValue(state),
      );
    }
    this.#grids = found;
  }
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
