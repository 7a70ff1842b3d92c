/** The places at which a penalty measures slopes in a discriminator's steps. */
import { defaultRandom } from "../data/mod.ts";
import type { Penalty } from "./penalties.ts";

/** A batch of a step. */
export interface PenaltyBatch {
  /** The samples, row after row. */
  readonly input: ArrayLike<number>;
  /** Whether all rows are real samples or all are generated; or 1 for each real row, and 0. */
  readonly real: boolean | ArrayLike<number>;
  /** Which step on batches of this kind it is, counted from 1. */
  readonly step: number;
}

/** Finds the places, and remembers the real samples of the last step on such. */
export class PenaltyPlaces {
  readonly #penalty: Penalty;
  readonly #size: number;
  #lastReal: Float32Array | undefined;

  /** Finds places for a penalty on samples of `size` numbers. */
  constructor(penalty: Penalty, size: number) {
    this.#penalty = penalty;
    this.#size = size;
  }

  /**
   * Finds the places of a step, row after row; undefined if the penalty is not due.
   *
   * @throws {RangeError} if it is due between real and generated samples, and there are no real ones yet.
   */
  of({ input, real, step }: PenaltyBatch): ArrayLike<number> | undefined {
    const { at, every } = this.#penalty;
    const [reals, fakes] = [true, false].map((wanted) => this.#rows(input, real, wanted));
    const isDue = step % every === 0;
    if (at === "real") return isDue && reals!.length > 0 ? reals : undefined;
    if (reals!.length > 0) this.#lastReal = Float32Array.from(reals!);
    return isDue && fakes!.length > 0 ? this.#between(fakes!) : undefined;
  }

  #rows(
    input: ArrayLike<number>,
    real: boolean | ArrayLike<number>,
    wanted: boolean,
  ): ArrayLike<number> {
    if (typeof real === "boolean") return real === wanted ? input : [];
    return Array.from(input).filter((_, i) => Boolean(real[Math.floor(i / this.#size)]) === wanted);
  }

  /**
   * A place on the line from each generated sample to a real one, uniform along it; what does not count
   * for the penalty, such as a label, is mixed too. If there are fewer real ones, they serve again.
   */
  #between(fakes: ArrayLike<number>): Float32Array {
    const reals = this.#lastReal;
    if (!reals) {
      throw new RangeError(
        "Cannot train the discriminator: expected a step on real samples first, since the " +
          `${this.#penalty.name} is measured between them and generated ones, got generated ones`,
      );
    }
    const size = this.#size;
    const rng = this.#penalty.rng ?? defaultRandom();
    const places = new Float32Array(fakes.length);
    for (let start = 0; start < places.length; start += size) {
      const share = rng.uniform();
      const from = start % reals.length;
      for (let i = 0; i < size; i++) {
        const fake = fakes[start + i]!;
        places[start + i] = fake + share * (reals[from + i]! - fake);
      }
    }
    return places;
  }
}
