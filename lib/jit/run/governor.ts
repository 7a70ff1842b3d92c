/**
 * Chooses by measurement whether a program runs on one thread or on several. Several can be slower than one,
 * for example while other programs keep the processors busy.
 * @module
 */

/**
 * The time that a program runs on one thread before several are tried, in milliseconds. Programs that run only a
 * few times are not worth starting threads.
 */
const FIRST_MS = 30;

/** The number of runs in a trial of the other way. */
const TRIAL_RUNS = 3;

/** The least number of runs from one trial to the next. */
const LEAST_RUNS = 100;

/**
 * The least time that a program runs from one trial to the next, in milliseconds. It is `first` after a trial that
 * changed the way, and doubles up to `most` after each trial that did not.
 */
const PERIOD_MS = { first: 1000, most: 16_000 };

/** The way to run a program: on one thread, or shared by several. */
export type Way = "alone" | "shared";

/** The weight of the newest run in the moving average of a way's times. */
const NEWEST = 1 / 4;

/** The factor for a change of the way: the other way must take less than this part of the time. */
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
