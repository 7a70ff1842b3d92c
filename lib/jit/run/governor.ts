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

/** The number of runs of each way in a trial. */
const TRIAL_RUNS = 3;

/**
 * The least time, in milliseconds, and number of runs from one trial to the next: `first` after a trial that changed
 * the way, and doubled up to `most` after each trial that did not.
 */
const PERIOD = { first: { ms: 100, runs: 10 }, most: { ms: 16_000, runs: 100 } };

/** The way to run a program: on one thread, or shared by several. */
export type Way = "alone" | "shared";

/** The factor for a change of the way: the other way must take less than this part of the time. */
const GAIN = 0.97;

/** The choice between one thread and several for a program, from the times of its runs. */
export class Governor {
  readonly #prepare: () => boolean;
  #way: Way = "alone";
  #spent = 0;
  #runs = 0;
  /** The time and the number of runs until the next trial. */
  #until = { ms: FIRST_MS, runs: TRIAL_RUNS };
  #period = PERIOD.first;
  /**
   * The times of a trial, which takes the two ways in turn: the engine may still be making the code faster, so only
   * runs of the same moment can be compared. Undefined while there is no trial.
   */
  #trial: Readonly<Record<Way, number[]>> | undefined;

  /** Takes a function that starts the threads if they are missing, and returns true once they are ready. */
  constructor(prepare: () => boolean) {
    this.#prepare = prepare;
  }

  /** The way of the next run. */
  get way(): Way {
    const trial = this.#trial;
    if (!trial) return this.#way;
    return trial.alone.length > trial.shared.length ? "shared" : "alone";
  }

  /** Notes the time of a run, in milliseconds. */
  note(ms: number): void {
    if (this.#trial) return this.#noteTrial(this.#trial, ms);
    this.#spent += ms;
    this.#runs++;
    if (this.#spent < this.#until.ms || this.#runs < this.#until.runs || !this.#prepare()) return;
    this.#trial = { alone: [], shared: [] };
  }

  #noteTrial(trial: Readonly<Record<Way, number[]>>, ms: number): void {
    trial[this.way].push(ms);
    if (trial.shared.length < TRIAL_RUNS) return;
    const [present, rival] = [this.#way, other(this.#way)];
    const isBetter = median(trial[rival]) < GAIN * median(trial[present]);
    if (isBetter) this.#way = rival;
    this.#period = isBetter ? PERIOD.first : {
      ms: Math.min(2 * this.#period.ms, PERIOD.most.ms),
      runs: Math.min(2 * this.#period.runs, PERIOD.most.runs),
    };
    this.#until = this.#period;
    this.#spent = this.#runs = 0;
    this.#trial = undefined;
  }
}

function other(way: Way): Way {
  return way === "alone" ? "shared" : "alone";
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}
