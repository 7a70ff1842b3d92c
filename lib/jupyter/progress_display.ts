/** Shows a progress bar for every running loop. */
import type { StepReport } from "../train/mod.ts";
import { displayBundle } from "./kernel.ts";
import { progressHtml, progressPlain, type ProgressState, RateMeter } from "./progress_bar.ts";

/** Options of {@linkcode ProgressBars}, for tests. */
interface BarsOptions {
  /** Sends a bundle to the page. */
  readonly display?: typeof displayBundle;
  /** Minimum number of milliseconds between two updates of a bar; 100 by default. */
  readonly intervalMs?: number;
  /** Clock, in milliseconds; `performance.now` by default. */
  readonly now?: () => number;
}

/** Progress bars of the running loops. */
export class ProgressBars {
  readonly #options: Required<BarsOptions>;
  #running: Bar[] = [];

  /** Starts without bars. */
  constructor(options: BarsOptions = {}) {
    const { display = displayBundle, intervalMs = 100, now = () => performance.now() } = options;
    this.#options = { display, intervalMs, now };
  }

  /** Draws a report on the bar of its loop. Resolves when everything has been sent. */
  report(report: StepReport): Promise<void> {
    const bar = this.#barOf(report);
    if (report.done) this.#running = this.#running.filter((other) => other !== bar);
    return bar.draw(report);
  }

  /**
   * Finds the bar of a report. Reports do not name their loop, so this is the newest loop that the
   * report can continue, or a new one.
   */
  #barOf(report: StepReport): Bar {
    const starts = report.step === 0 && !report.done;
    const known = starts ? undefined : this.#running.findLast((bar) => bar.continues(report));
    const bar = known ?? new Bar(this.#options);
    if (!known) this.#running = [...this.#running.slice(-7), bar]; // a loop that was abandoned never ends
    return bar;
  }
}

/** Progress bar of one loop. */
class Bar {
  readonly #options: Required<BarsOptions>;
  readonly #id = crypto.randomUUID();
  readonly #meter = new RateMeter();
  #last: StepReport | undefined;
  #drawnAt: number | undefined;
  #unsent = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: Required<BarsOptions>) {
    this.#options = options;
  }

  /** Tells whether a report can be the next one of this loop. */
  continues({ steps, step, elapsedMs }: StepReport): boolean {
    const last = this.#last;
    return !!last && last.steps === steps && last.step <= step && last.elapsedMs <= elapsedMs;
  }

  /** Draws the first and the last report, and those in between as often as allowed. */
  draw(report: StepReport): Promise<void> {
    this.#last = report;
    const state = this.#meter.next(report);
    const now = this.#options.now();
    const update = this.#drawnAt !== undefined;
    const due = !update || now - this.#drawnAt! >= this.#options.intervalMs;
    if (!report.done && (!due || this.#unsent > 0)) return this.#sending;
    this.#drawnAt = now;
    this.#unsent++;
    this.#sending = this.#sending.then(() => this.#send(state, update));
    return this.#sending;
  }

  /** Sends the bar. An error does not stop the training. */
  async #send(state: ProgressState, update: boolean): Promise<void> {
    const bundle = { "text/html": progressHtml(state), "text/plain": progressPlain(state) };
    try {
      await this.#options.display(bundle, { id: this.#id, update });
    } catch (error) {
      console.error(`The progress bar cannot be shown: ${error}`);
    }
    this.#unsent--;
  }
}
