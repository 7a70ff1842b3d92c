/** Starts a notebook: prepares TensorFlow.js, figures, the interrupt, and the handling of errors. */
import * as tf from "@tensorflow/tfjs";
import { check, checkOptions, flag, type Kinds, oneOf, text } from "../check/mod.ts";
import type { StepReport } from "../train/mod.ts";
import { guardErrors, Interrupts } from "./guards.ts";
import { displayBundle, inKernel } from "./kernel.ts";
import { readyBundle } from "./ready_bundle.ts";
import { ProgressBars } from "./progress_display.ts";
import { teachDisplay } from "./teach_display.ts";

/** Options of {@linkcode startNotebook}. */
export interface StartOptions {
  /** TensorFlow.js backend; "cpu" by default. */
  readonly backend?: string;
  /**
   * True if plotly.js (about 2 MB) is put into the output of the start-up cell, which figures need;
   * true by default.
   */
  readonly figures?: boolean;
}

/** Result of {@linkcode startNotebook}. Long loops accept it as their options: `steps(15_000, notebook)`. */
export interface Notebook {
  /** Signal that the interrupt button aborts. After an interrupt it is a new one, for the next loop. */
  readonly signal: AbortSignal;
  /** Draws the progress bar of a loop. Resolves when the bar has been sent. */
  readonly onProgress: (report: StepReport) => Promise<void>;
  /** Removes the listeners for the interrupt and for errors. */
  close(): void;
}

const KINDS: Kinds<StartOptions> = { backend: text, figures: flag };

let started: Notebook | undefined;

/**
 * Prepares a notebook. Call it in the first code cell; it may be run again.
 *
 * From then on, the interrupt button stops a loop and keeps the kernel alive, errors that are not
 * caught are printed, and figures, tensors and typed arrays are shown as the last value of a cell.
 * Outside a notebook (`deno run`, `deno test`) it only prepares TensorFlow.js.
 *
 * ```ts
 * import { startNotebook } from "./mod.ts";
 *
 * const notebook = await startNotebook();
 * console.assert(!notebook.signal.aborted);
 * ```
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong.
 */
export async function startNotebook(options: StartOptions = {}): Promise<Notebook> {
  checkOptions("start the notebook", options, { kinds: KINDS });
  const { backend = "cpu", figures = true } = options;
  checkBackend(backend);
  started ??= openNotebook(); // first, because an interrupt can arrive during the preparation
  const { signal } = started;
  await readyBackend(backend);
  teachDisplay();
  if (inKernel()) await displayBundle(await readyBundle({ backend, figures }));
  signal.throwIfAborted();
  return started;
}

/** Makes the notebook. Listens for the interrupt and for errors only in a kernel. */
function openNotebook(): Notebook {
  const interrupts = new Interrupts();
  const bars = new ProgressBars();
  let unguard = () => {};
  if (inKernel()) {
    interrupts.listen();
    unguard = guardErrors();
  }
  const isListening = inKernel();
  const notebook = {
    get signal() {
      return interrupts.signal;
    },
    onProgress: (report: StepReport) => bars.report(report),
  };
  // Not enumerable, because a notebook is passed as the options of loops, where `close` is not an
  // option.
  return Object.defineProperty(notebook as Notebook, "close", {
    value: () => {
      if (isListening) interrupts.close();
      unguard();
      started = undefined;
    },
  });
}

function checkBackend(name: string): void {
  const known = Object.keys(tf.engine().registryFactory);
  check("start the notebook", { backend: name }, oneOf(known));
}

/** Selects the backend, without the message that TensorFlow.js prints at its first use in Deno. */
async function readyBackend(name: string): Promise<void> {
  if (!await tf.setBackend(name)) {
    throw new Error(`Cannot start the notebook: the backend ${name} does not work on this machine`);
  }
  await tf.ready();
  const backend = tf.backend() as { firstUse?: boolean };
  if (backend.firstUse) backend.firstUse = false;
}
