/** Installs pinned Python packages with pip, with progress as it goes. */

import { JupyterUnavailableError } from "../errors.ts";
import { forEachLine } from "../processes.ts";

/** Installs every package of a requirements file; pip's own settings (PIP_*) are left as they are. */
export async function installRequirements(
  python: string,
  { requirements, log }: {
    requirements: string;
    log: (line: string, replaces?: boolean) => void;
  },
): Promise<void> {
  const total = countRequirements(await Deno.readTextFile(requirements));
  // The file names every package with its version, so pip has nothing to resolve.
  const args = ["-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check"];
  // One retry rather than five: a person without network waits seconds for the answer, not a minute.
  if (Deno.env.get("PIP_RETRIES") === undefined) args.push("--retries", "1");
  const child = new Deno.Command(python, {
    args: [...args, "-r", requirements],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors: string[] = [];
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  let seen = 0;
  const follow = (line: string) => {
    const name = packageIn(line);
    if (name !== undefined) seen++;
    const now = name ??
      (line.startsWith("Installing collected packages") ? "unpacking" : undefined);
    if (now) log(`Installing JupyterLab: ${seen} of ${total} packages, ${seconds()}: ${now}`, true);
  };
  await Promise.all([
    forEachLine(child.stdout, follow),
    forEachLine(child.stderr, (line) => errors.push(line)),
  ]);
  if (!(await child.status).success) throw pipFailure(errors);
  log(`Installed ${total} packages in ${seconds()}`, true);
}

/** Counts the packages that the file names for this system, more or less: the total of a progress line. */
export function countRequirements(text: string): number {
  const lines = text.split("\n").filter((line) => /^[A-Za-z0-9]/.test(line));
  return new Set(lines.map((line) => line.split("==")[0])).size;
}

/** Finds the package that a line of pip's output has come to. */
export function packageIn(line: string): string | undefined {
  return /^(?:Collecting|Requirement already satisfied:) ([^\s;]+)/.exec(line)?.[1];
}

/** Says what pip's failure means to a person. */
export function pipFailure(errors: readonly string[]): JupyterUnavailableError {
  const offline =
    /NewConnectionError|Failed to establish|Temporary failure|timed? ?out|ProxyError|ConnectionError/i
      .test(errors.join("\n"));
  const reason = offline
    ? "pip cannot reach the package index; check the network or the proxy"
    : `pip failed (${errors.findLast((line) => line.startsWith("ERROR")) ?? errors.at(-1) ?? ""})`;
  return new JupyterUnavailableError(`Cannot set up Jupyter: ${reason} and run this again.`);
}
