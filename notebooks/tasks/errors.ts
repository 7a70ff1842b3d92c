/** Ends tasks with an exit status, and with one sentence for the person at the terminal. */

/** An error that ends the task with an exit status. Only its message is shown, without a stack trace. */
export class TaskError extends Error {
  override readonly name: string = "TaskError";

  constructor(message: string, readonly status = 1) {
    super(message);
  }
}

/** The error for a machine on which Jupyter cannot be set up. The message says what the user can do. */
export class JupyterUnavailableError extends TaskError {
  override readonly name = "JupyterUnavailableError";
}

/** The signals that end a task, and the exit status that shells expect after each. */
const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Time that a stopped task has to end its kernel, in milliseconds. */
const GRACE_MS = 1000;

/**
 * Runs a task's main function until it ends or a signal stops it. Then ends the process with the exit status. With
 * `leaveInterrupt`, the task leaves Ctrl-C to its child process.
 */
export async function runTask(
  main: (stop: AbortSignal) => Promise<number | void>,
  { leaveInterrupt = false }: { readonly leaveInterrupt?: boolean } = {},
): Promise<never> {
  const controller = new AbortController();
  for (const [name, status] of Object.entries(STATUS_OF_SIGNAL)) {
    if (Deno.build.os === "windows" && name === "SIGTERM") continue; // Deno cannot listen for it there
    Deno.addSignalListener(name as Deno.Signal, () => {
      if (leaveInterrupt && name === "SIGINT") return;
      const stopped = new TaskError("Stopped; no kernel is left.", status);
      controller.abort(stopped);
      setTimeout(() => endWith(stopped), GRACE_MS);
    });
  }
  try {
    requireDeno();
    Deno.exit(await main(controller.signal) ?? 0);
  } catch (error) {
    const told = controller.signal.aborted ? controller.signal.reason : error;
    if (!(told instanceof TaskError)) throw told;
    endWith(told);
  }
}

/** Prints a last message to a stream that still works: a terminal may be closed, a pipe's reader may have ended. */
function endWith({ message, status }: TaskError): never {
  for (const stream of [Deno.stderr, Deno.stdout]) {
    try {
      stream.writeSync(new TextEncoder().encode(message + "\n"));
      break;
    } catch { /* the next one */ }
  }
  Deno.exit(status);
}

/** The oldest version of Deno with which the notebooks worked in a test. */
const MINIMUM_DENO = "2.7.1";

/** Throws if the notebooks do not work with this version of Deno. */
export function requireDeno(version: string = Deno.version.deno): void {
  const isOld = version.localeCompare(MINIMUM_DENO, "en", { numeric: true }) < 0;
  if (!isOld && version !== "2.8.2" && version !== "2.8.3") return;
  const reason = isOld
    ? `expected ${MINIMUM_DENO} or newer`
    : "its Jupyter kernel hides the errors of cells";
  throw new TaskError(
    `Cannot run with Deno ${version}: ${reason}; start the same command as ` +
      "`npx -y deno@2.8.1 task …`, or run `deno upgrade`.",
  );
}
