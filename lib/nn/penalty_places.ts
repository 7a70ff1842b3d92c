/** Chooses the points at which a penalty measures slopes. */
import { defaultRandom } from "../data/mod.ts";
import type { Penalty } from "./penalties.ts";

/** Batch of a step of the discriminator. */
interface PenaltyBatch {
  /** Samples, row after row. */
  readonly input: ArrayLike<number>;
  /**
   * True if all rows are real, false if all are generated; or for each row 1 if it is real and 0 if
   * it is generated.
   */
  readonly real: boolean | ArrayLike<number>;
  /**
   * Number of this step, starting at 1. Steps on real, on generated and on mixed batches are counted
   * separately.
   */
  readonly step: number;
}

/**
 * Points at which a penalty measures the slope, chosen for each step. Keeps the last real samples
 * for them.
 */
export class PenaltyPlaces {
  readonly #penalty: Penalty;
  readonly #size: number;
  #lastReal: Float32Array | undefined;

  /** Prepares a penalty on samples of `size` numbers. */
  constructor(penalty: Penalty, size: number) {
    this.#penalty = penalty;
    this.#size = size;
  }

  /**
   * Chooses the points at which a step measures the slope, row after row. Returns undefined if the
   * penalty is not due in this step.
   *
   * @throws {RangeError} if points between real and generated samples are due before any step on
   * real samples.
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
   * Chooses a point between each generated and a real sample, uniform on the line from one to the
   * other. Values that the penalty ignores, such as a label, are mixed too. If there are fewer real
   * samples, they are used again.
   */
  #between(fakes: ArrayLike<number>): Float32Array {
    const reals = this.#lastReal;
    if (!reals) {
      throw new RangeError(
        "Cannot train the discriminator: expected a step on real samples first, because the " +
          `${this.#penalty.name} is measured between real and generated samples, got generated samples`,
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
