/** Runs other programs. */

/**
 * Runs a program to its end, for at most `seconds` seconds. It gets `env` in addition to our environment variables,
 * and `input` on its standard input. Returns undefined if it cannot be started.
 */
export async function ask(
  [program = "", ...args]: readonly string[],
  { seconds = 60, env = {} as Record<string, string>, input = "" } = {},
): Promise<{ success: boolean; stdout: string; stderr: string } | undefined> {
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, env, ...piped }).spawn();
  } catch {
    return undefined;
  }
  new Blob([input]).stream().pipeTo(child.stdin).catch(() => {}); // it need not read
  const said = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child.pid);
  }, seconds * 1000);
  const { success } = await child.status;
  clearTimeout(timer);
  // Not waiting for what it said, which a child of its own may hold open.
  if (isLate) return { success, stdout: "", stderr: `${program} does not answer` };
  const [stdout, stderr] = await said;
  return { success, stdout, stderr };
}

/** Kills a process if it still runs. */
export function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch { /* it has ended */ }
}
