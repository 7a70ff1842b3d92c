/** Keeps one live bar on the page for every running loop. */
import type { StepReport } from "../train/mod.ts";
import { displayBundle } from "./kernel.ts";
import { progressHtml, progressPlain, type ProgressState, RateMeter } from "./progress_bar.ts";

/** Options of {@linkcode ProgressBars}; tests give their own. */
export interface BarsOptions {
  /** Sends a bundle to the page. */
  readonly display?: typeof displayBundle;
  /** Milliseconds between two updates of a bar. */
  readonly intervalMs?: number;
  /** The clock. */
  readonly now?: () => number;
}

/** The bars of the loops that are running. */
export class ProgressBars {
  readonly #options: Required<BarsOptions>;
  #running: Bar[] = [];

  /** Begins without a bar. */
  constructor(options: BarsOptions = {}) {
    const { display = displayBundle, intervalMs = 100, now = () => performance.now() } = options;
    this.#options = { display, intervalMs, now };
  }

  /** Draws the report on its loop's bar; resolves when what was to be sent has been sent. */
  report(report: StepReport): Promise<void> {
    const bar = this.#barOf(report);
    if (report.done) this.#running = this.#running.filter((other) => other !== bar);
    return bar.draw(report);
  }

  /** Reports carry no name: the innermost running loop that this one can continue, or a new one. */
  #barOf(report: StepReport): Bar {
    const starts = report.step === 0 && !report.done;
    const known = starts ? undefined : this.#running.findLast((bar) => bar.continues(report));
    const bar = known ?? new Bar(this.#options);
    if (!known) this.#running = [...this.#running.slice(-7), bar]; // an abandoned loop never ends
    return bar;
  }
}

/** The bar of one loop. */
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

  /** Tells whether the report can be the next one of this loop. */
  continues({ steps, step, elapsedMs }: StepReport): boolean {
    const last = this.#last;
    return !!last && last.steps === steps && last.step <= step && last.elapsedMs <= elapsedMs;
  }

  /** Draws the first and the last report, and those between as often as allowed. */
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

  /** A bar that cannot be drawn does not stop the training. */
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
