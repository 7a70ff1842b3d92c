/** What keeps the kernel alive and talking: the interrupt button, and errors nobody catches. */

/** The reason of an aborted signal, and what the interrupted cell shows. */
export const interruptMessage =
  "Interrupted: the loop stopped at the interrupt button. Variables keep their values; run the cell again to go on.";

/** Hands out a signal that the next interrupt aborts. */
export class Interrupts {
  #controller = new AbortController();
  readonly #interrupt = () => this.interrupt();

  /** Listens for the kernel's interrupt, which without a listener ends the kernel. */
  listen(): void {
    Deno.addSignalListener("SIGINT", this.#interrupt);
  }

  /** Stops listening. */
  close(): void {
    Deno.removeSignalListener("SIGINT", this.#interrupt);
  }

  /** Not aborted: an interrupted loop has kept the signal it started with. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What the button does. */
  interrupt(): void {
    const interrupted = this.#controller;
    this.#controller = new AbortController();
    const reason = new DOMException(interruptMessage, "AbortError");
    // The cell shows the stack; where in our code the signal was aborted helps no reader.
    Object.defineProperty(reason, "stack", { value: String(reason), configurable: true });
    interrupted.abort(reason);
  }
}

/**
 * Shows errors that nobody catches on the cell that is running.
 *
 * Without it a throw in a timer wedges the kernel and a rejected promise nobody awaits is silent.
 * Returns what removes the listeners.
 */
export function guardErrors(): () => void {
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    console.error(`Uncaught error outside of a cell: ${describe(event.error)}`);
  };
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    console.error(`A promise that nobody awaits was rejected: ${describe(event.reason)}`);
  };
  globalThis.addEventListener("error", onError);
  globalThis.addEventListener("unhandledrejection", onRejection);
  return () => {
    globalThis.removeEventListener("error", onError);
    globalThis.removeEventListener("unhandledrejection", onRejection);
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? String(error) : Deno.inspect(error);
}
