/** Runs other programs. */

/** A program's answer; `late` if it was killed because it did not end in time. */
export interface Answer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly late: boolean;
}

/**
 * Runs a program to its end, for at most so many seconds, with variables on top of ours and a text for its
 * standard input; returns undefined where it cannot be started.
 */
export async function ask(
  [program = "", ...args]: readonly string[],
  { seconds = 60, env = {} as Record<string, string>, input = "" } = {},
): Promise<Answer | undefined> {
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, env, ...piped }).spawn();
  } catch {
    return undefined;
  }
  new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}); // it need not read
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    kill(child.pid);
    resolve(undefined); // not waiting for its output, which a child of its own may hold open
  }, seconds * 1000);
  const output = await Promise.race([child.output(), late]);
  clearTimeout(timer);
  if (!output) return { success: false, stdout: "", stderr: "", late: true };
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const { success, stdout, stderr } = output;
  return { success, stdout: text(stdout), stderr: text(stderr), late: false };
}

/** Kills a process, if it is still there. */
export function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch { /* it has ended */ }
}
