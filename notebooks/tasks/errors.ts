/** Errors whose message is for the person at the terminal: one sentence that says what to do. */

/** An error of which only the message is shown, without a stack trace. */
export class TaskError extends Error {
  override readonly name: string = "TaskError";
}

/** The error of a machine on which Jupyter cannot be set up; the message says what would help. */
export class JupyterUnavailableError extends TaskError {
  override readonly name: string = "JupyterUnavailableError";
}

/** The reason of a run that a signal has stopped. */
export class StoppedError extends TaskError {
  override readonly name: string = "StoppedError";

  /** Takes the exit status that shells expect after the signal. */
  constructor(readonly status: number) {
    super("Stopped; no kernel is left.");
  }
}

/** The exit status that shells expect after each signal that ends a task. */
const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A stopped task has so long to end its kernel. */
const GRACE_MS = 1000;

/** What {@linkcode runTask} may be told. */
export interface TaskOptions {
  /** Leaves Ctrl-C to a child process, which gets it as well. */
  readonly leaveInterrupt?: boolean;
}

/** Runs a task's main function until it ends or a signal stops it, and ends the process with its status. */
export async function runTask(
  main: (stop: AbortSignal) => Promise<number | void>,
  { leaveInterrupt = false }: TaskOptions = {},
): Promise<never> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  for (const [name, status] of Object.entries(STATUS_OF_SIGNAL)) {
    if (Deno.build.os === "windows" && name === "SIGTERM") continue; // Deno cannot listen for it there
    Deno.addSignalListener(name as Deno.Signal, () => {
      if (leaveInterrupt && name === "SIGINT") return;
      controller.abort(new StoppedError(status));
      setTimeout(() => late.reject(controller.signal.reason), GRACE_MS);
    });
  }
  try {
    requireDeno();
    Deno.exit(await Promise.race([main(controller.signal), late.promise]) ?? 0);
  } catch (error) {
    const told = controller.signal.aborted ? controller.signal.reason : error;
    if (!(told instanceof TaskError)) throw told;
    sayLast(told.message);
    Deno.exit(told instanceof StoppedError ? told.status : 1);
  }
}

/** Prints where somebody may still read. */
function sayLast(text: string): void {
  for (const stream of [Deno.stderr, Deno.stdout]) {
    try {
      stream.writeSync(new TextEncoder().encode(text + "\n"));
      return;
    } catch {
      // a closed terminal, or a pipe whose reader has ended
    }
  }
}

/** The oldest Deno that the notebooks were seen to work with. */
const MINIMUM_DENO = "2.7.1";

/** Versions whose kernel hides the errors of cells and loses values of last expressions. */
const BROKEN_DENO: readonly string[] = ["2.8.2", "2.8.3"];

/** Throws when the notebooks cannot work with this Deno. */
export function requireDeno(version: string = Deno.version.deno): void {
  const reason = compareVersions(version, MINIMUM_DENO) < 0
    ? `expected ${MINIMUM_DENO} or newer`
    : BROKEN_DENO.includes(version)
    ? "its Jupyter kernel hides the errors of cells"
    : undefined;
  if (reason === undefined) return;
  throw new TaskError(
    `Cannot run with Deno ${version}: ${reason}; start the same command as ` +
      "`npx -y deno@2.8.1 task …`, or run `deno upgrade`.",
  );
}

/** Returns a number below 0, 0 or above 0 as the first version is older than, equal to or newer than the second. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => text.split(/[^0-9]+/).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
