/** Runs other programs and reads what they write. */

/** What a program answered; `late` if it was killed because it did not end in time. */
export interface Answer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly late: boolean;
}

/** Runs a program to its end; returns undefined where it cannot be started. */
export async function ask(
  [program = "", ...args]: readonly string[],
  { seconds = 60, env = {} }: { seconds?: number; env?: Record<string, string> } = {},
): Promise<Answer | undefined> {
  const options = { args, env, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, options).spawn();
  } catch {
    return undefined;
  }
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    resolve(undefined); // not waiting for its output, which a child of its own may hold open
  }, seconds * 1000);
  const output = await Promise.race([child.output(), promise]);
  clearTimeout(timer);
  if (!output) return { success: false, stdout: "", stderr: "", late: true };
  const { success, stdout, stderr } = output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr), late: false };
}

/** Reads a stream of UTF-8 a line at a time, to its end or until `until` is aborted. */
export async function forEachLine(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
  { until }: { until?: AbortSignal } = {},
): Promise<void> {
  const reader = stream.getReader();
  until?.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  const decoder = new TextDecoder();
  let rest = "";
  for (let done = false; !done;) {
    const chunk = await reader.read();
    done = chunk.done;
    const lines = (rest + decoder.decode(chunk.value, { stream: !done })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.replace(/\r$/, ""));
  }
  if (rest !== "") take(rest);
}
