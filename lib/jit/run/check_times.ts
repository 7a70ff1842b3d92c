/**
 * The schedule of checks that a function still does what was recorded.
 * @module
 */

/** The number of calls from one possible check to the next. */
const PERIOD = 64;
/** The number of first calls in which a check is made at every period, even if checks take long. */
const FIRST_CALLS = 1024;
/** The largest part of the time that later checks may take. */
const SHARE = 0.01;

/** The schedule of one program's checks. */
export class CheckTimes {
  /** True if a check is due before the next call. */
  isDue = false;
  #left = PERIOD;
  #calls = 0;
  /** The time that a check may take now, in ms; below 0 if earlier checks took more than their share. */
  #credit = 0;
  #cost = 0;
  #since: number;

  /** Starts before the first call; `now` is a clock in ms. */
  constructor(readonly now: () => number = () => performance.now()) {
    this.#since = now();
  }

  /** Counts a call. */
  count(): void {
    if (--this.#left === 0) this.#endPeriod();
  }

  /** Notes that a check has been made, and how long it took in ms. */
  checked(cost: number): void {
    this.isDue = false;
    this.#cost = cost;
    this.#credit -= cost;
  }

  #endPeriod(): void {
    this.#left = PERIOD;
    this.#calls += PERIOD;
    const now = this.now();
    // At most the time of one check is saved: an hour without a call is not time spent running.
    this.#credit = Math.min(this.#cost, this.#credit + SHARE * (now - this.#since));
    this.#since = now;
    this.isDue = this.#calls <= FIRST_CALLS || this.#credit >= this.#cost;
  }
}
