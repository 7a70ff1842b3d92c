/** Errors whose message is for the person at the terminal: one sentence that says what to do. */

/** Ends a task with its message alone, without a stack trace. */
export class TaskError extends Error {
  /** Tells it apart when printed. */
  override readonly name = "TaskError";
}

/** Jupyter cannot be set up here; the message says why and what would help. */
export class JupyterUnavailableError extends Error {
  /** Tells it apart when printed. */
  override readonly name = "JupyterUnavailableError";
}

/** Runs a task's main function; an error for people is printed as its sentence and ends with status 1. */
export async function runTask(main: () => Promise<number | void>): Promise<void> {
  try {
    requireDeno();
    Deno.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof TaskError) && !(error instanceof JupyterUnavailableError)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}

/** The oldest Deno that the notebooks were seen to work with. */
export const MINIMUM_DENO = "2.7.1";

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

/** Below 0, 0 or above 0 as the first version is older than, equal to or newer than the second. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => text.split(/[^0-9]+/).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
