/** The start-up of a notebook: one call that readies TensorFlow.js, figures, the interrupt and errors. */
import * as tf from "@tensorflow/tfjs";
import { check, checkOptions, flag, type Kinds, oneOf, text } from "../check/mod.ts";
import type { StepReport } from "../train/mod.ts";
import { guardErrors, Interrupts } from "./guards.ts";
import { displayBundle, inKernel } from "./kernel.ts";
import { readyBundle } from "./ready_bundle.ts";
import { ProgressBars } from "./progress_display.ts";
import { teachDisplay } from "./teach_display.ts";

/** What start-up may be told. */
export interface StartOptions {
  /** The TensorFlow.js backend to compute on. Default "cpu". */
  readonly backend?: string;
  /** Puts plotly.js into the output of the start-up cell, about 2 MB. Default true. */
  readonly figures?: boolean;
}

/** What a long cell hands to its loop: `steps(15_000, notebook)`. */
export interface Notebook {
  /** Aborted by the interrupt button; the next loop gets a fresh one. */
  readonly signal: AbortSignal;
  /** Draws a live bar for the loop that reports; awaiting it waits for the drawing to be sent. */
  readonly onProgress: (report: StepReport) => Promise<void>;
  /** Takes back the interrupt and the error guards, as before start-up. */
  close(): void;
}

const KINDS: Kinds<StartOptions> = { backend: text, figures: flag };

let started: Notebook | undefined;

/**
 * Readies a notebook; its first code cell calls it once, and again whenever that cell is run again.
 *
 * From then on the interrupt button stops a loop and leaves the kernel alive, errors that nobody catches
 * are shown, and figures, tensors and typed arrays show themselves as the last value of a cell. Outside a
 * notebook (`deno run`, `deno test`) it readies TensorFlow.js and shows nothing.
 *
 * @example
 * ```ts
 * import { startNotebook } from "./mod.ts";
 *
 * const notebook = await startNotebook();
 * console.assert(!notebook.signal.aborted);
 * ```
 */
export async function startNotebook(options: StartOptions = {}): Promise<Notebook> {
  checkOptions("start the notebook", options, { kinds: KINDS });
  const { backend = "cpu", figures = true } = options;
  checkBackend(backend);
  started ??= openNotebook(); // first, because an interrupt can come while the rest is made ready
  const { signal } = started;
  await readyBackend(backend);
  teachDisplay();
  if (inKernel()) await displayBundle(await readyBundle({ backend, figures }));
  signal.throwIfAborted();
  return started;
}

/** Listens for the interrupt and for errors only where a kernel runs. */
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
  // Not enumerable: a notebook serves as the options of a loop, and `close` is none.
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

/** Selects the backend without the banner that TensorFlow.js prints at its first use in Deno. */
async function readyBackend(name: string): Promise<void> {
  if (!await tf.setBackend(name)) {
    throw new Error(`Cannot start the notebook: the backend ${name} does not work on this machine`);
  }
  await tf.ready();
  const backend = tf.backend() as { firstUse?: boolean };
  if (backend.firstUse) backend.firstUse = false;
}
