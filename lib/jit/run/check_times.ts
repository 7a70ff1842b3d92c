/**
 * Says at which calls of a program it is checked that what was fixed has not changed.
 * @module
 */

/** A program is checked at most once in so many calls. */
const PERIOD = 64;
/** Up to so many calls it is checked in each period, whatever that takes. */
const FIRST_CALLS = 1024;
/** After that checks take no more than this part of the time. */
const SHARE = 0.01;

/** When one program is checked. */
export class CheckTimes {
  /** The caller counts it down, and asks `isTime` at 0. */
  callsLeft = PERIOD;
  #calls = 0;
  /** How long a check may take now, in ms; below 0 as long as earlier ones are not made up for. */
  #credit = 0;
  #cost = 0;
  #since: number;

  /** Begins with the first call; `now` is a clock in ms. */
  constructor(readonly now: () => number = () => performance.now()) {
    this.#since = now();
  }

  /** Ends a period, and says whether to check now. */
  isTime(): boolean {
    this.callsLeft = PERIOD;
    this.#calls += PERIOD;
    const now = this.now();
    // No more than one check is saved up for: an hour without a call is not time spent running.
    this.#credit = Math.min(this.#cost, this.#credit + SHARE * (now - this.#since));
    this.#since = now;
    return this.#calls <= FIRST_CALLS || this.#credit >= this.#cost;
  }

  /** Notes that a check has just been made, in the time since `isTime`. */
  checked(): void {
    const now = this.now();
    this.#cost = now - this.#since;
    this.#credit -= this.#cost;
    this.#since = now;
  }
}
