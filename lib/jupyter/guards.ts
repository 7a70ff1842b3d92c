/** Keeps the kernel alive: handles its interrupt, and errors that are not caught. */

/** Reason of an aborted signal, and the text that the interrupted cell shows. */
export const interruptMessage =
  "Interrupted: the loop stopped because of the interrupt button. Variables keep their values; run the cell again to continue.";

/** Source of signals that the next interrupt aborts. */
export class Interrupts {
  #controller = new AbortController();
  readonly #interrupt = () => this.interrupt();

  /** Listens for the kernel's interrupt. Without a listener it would end the kernel. */
  listen(): void {
    Deno.addSignalListener("SIGINT", this.#interrupt);
  }

  /** Stops listening. */
  close(): void {
    Deno.removeSignalListener("SIGINT", this.#interrupt);
  }

  /** Signal of the next interrupt; it is never aborted yet. An interrupted loop has its own, older signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts the present signal, as the interrupt button does. */
  interrupt(): void {
    const interrupted = this.#controller;
    this.#controller = new AbortController();
    const reason = new DOMException(interruptMessage, "AbortError");
    // The cell shows the stack of the reason. The position in this library would not help the
    // reader.
    Object.defineProperty(reason, "stack", { value: String(reason), configurable: true });
    interrupted.abort(reason);
  }
}

/**
 * Prints errors that are not caught in the output of the running cell.
 *
 * Without it, an error in a timer would block the kernel, and a rejected promise that is not
 * awaited would not be shown.
 *
 * @returns a function that removes the listeners.
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
