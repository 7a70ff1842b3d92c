/**
 * The choice between one thread and several, by measurement: on a machine that has other work, several can be
 * slower than one.
 * @module
 */

/** The first runs are alone until this many milliseconds are spent: short work is not worth other threads. */
const FIRST_MS = 30;

/** The runs of a trial of the other way. */
const TRIAL_RUNS = 3;

/** The runs before a trial, at least. */
const LEAST_RUNS = 100;

/** The milliseconds before a trial: at first, and at most. */
const PERIOD_MS = { first: 1000, most: 16_000 };

/** The way to run a program. */
export type Way = "alone" | "shared";

/** The weight of the last run in the mean of a way's times. */
const NEWEST = 1 / 4;

/** The smallest gain for which the way is changed. */
const GAIN = 0.97;

/** Chooses how a program is run next, from the times of its runs. */
export class Governor {
  #way: Way = "alone";
  #isFirst = true;
  #mean: number | undefined;
  #spent = 0;
  #runs = 0;
  #period = PERIOD_MS.first;
  /** The times of the runs of a trial; undefined while there is none. */
  #trial: number[] | undefined;

  /** The way of the next run. */
  get way(): Way {
    return this.#trial ? other(this.#way) : this.#way;
  }

  /** True once threads are needed. */
  get isWarm(): boolean {
    return !this.#isFirst;
  }

  /** Notes the time of a run, in milliseconds. */
  note(ms: number): void {
    if (this.#trial) return this.#noteTrial(this.#trial, ms);
    this.#mean = this.#mean === undefined ? ms : this.#mean + (ms - this.#mean) * NEWEST;
    this.#spent += ms;
    this.#runs++;
    if (this.#isFirst) {
      if (this.#spent >= FIRST_MS && this.#runs > TRIAL_RUNS) this.#begin();
    } else if (this.#spent >= this.#period && this.#runs >= LEAST_RUNS) this.#begin();
  }

  #begin(): void {
    this.#isFirst = false;
    this.#trial = [];
  }

  #noteTrial(times: number[], ms: number): void {
    times.push(ms);
    if (times.length < TRIAL_RUNS) return;
    const found = times.sort((a, b) => a - b)[TRIAL_RUNS >> 1]!;
    const isBetter = found < GAIN * this.#mean!;
    if (isBetter) {
      this.#way = other(this.#way);
      this.#mean = found;
    }
    this.#period = isBetter ? PERIOD_MS.first : Math.min(2 * this.#period, PERIOD_MS.most);
    this.#spent = this.#runs = 0;
    this.#trial = undefined;
  }
}

function other(way: Way): Way {
  return way === "alone" ? "shared" : "alone";
}
