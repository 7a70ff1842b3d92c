/** What a generator made of the same noise on its way: a grid of samples at a few of its steps. */

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
  constructor(total: number, { frames = 12 }: { readonly frames?: number } = {}) {
    for (const [name, value, least] of [["total", total, 1], ["frames", frames, 2]] as const) {
      if (!Number.isSafeInteger(value) || value < least) {
        throw new RangeError(
          `Cannot plan a timeline: expected ${name} to be a whole number from ${least} on, got ${value}`,
        );
      }
    }
    const share = (frame: number) => (frame / (frames - 1)) ** 2;
    this.#due = new Set(Array.from({ length: frames }, (_, k) => Math.round(share(k) * total)));
  }

  /** The grids, in order of their steps. */
  get grids(): readonly TimelineGrid[] {
    return this.#grids;
  }

  /** Whether a grid should be added after so many steps. */
  isDue(step: number): boolean {
    return this.#due.has(step) && this.#grids.every((grid) => grid.step !== step);
  }

  /**
   * Keeps samples `[samples, pixels]` of a step, rounded to bytes.
   *
   * @throws {RangeError} if a pixel is not in [0, 1], or the grid before is of a later step.
   */
  add(step: number, images: ArrayLike<number>): void {
    const before = this.#grids.at(-1)?.step ?? -1;
    if (!Number.isSafeInteger(step) || step <= before) {
      throw new RangeError(
        `Cannot keep samples: expected a step after ${before}, got ${String(step)}`,
      );
    }
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
   * @throws {TypeError | SyntaxError} if it is no state of a timeline; then nothing has changed.
   */
  restore(state: TimelineState): void {
    const { grids } = Object(state) as Partial<TimelineState>;
    if (!Array.isArray(grids)) {
      throw new TypeError(
        `Cannot restore a timeline: expected a list of grids, got ${JSON.stringify(state)}`,
      );
    }
    this.#grids = (grids as TimelineState["grids"]).map(([step, bytes]) => ({
      step,
      images: Float32Array.from(Uint8Array.fromBase64(bytes), (byte) => byte / 255),
    }));
  }
}
