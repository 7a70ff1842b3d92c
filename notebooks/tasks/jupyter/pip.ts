/** Installs pinned Python packages with pip, with progress as it goes. */

import { JupyterUnavailableError } from "../errors.ts";
import { forEachLine } from "./bridge.ts";

/** What to install, and where progress goes. */
export interface InstallOptions {
  /** The path of the requirements file. */
  readonly requirements: string;
  /** Takes a line of progress. */
  readonly log: (line: string, replaces?: boolean) => void;
}

/** Installs every package of a requirements file; pip's own settings (PIP_*) are left as they are. */
export async function installRequirements(
  python: string,
  { requirements, log }: InstallOptions,
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
  let seen = 0;
  const follow = (line: string) => {
    const progress = pipProgress(line);
    if (!progress) return;
    if (progress.counts) seen++;
    const seconds = Math.round((Date.now() - started) / 1000);
    log(
      `Installing JupyterLab: ${seen} of ${total} packages, ${seconds} s: ${progress.text}`,
      true,
    );
  };
  await Promise.all([
    forEachLine(child.stdout, follow),
    forEachLine(child.stderr, (line) => errors.push(line)),
  ]);
  if (!(await child.status).success) throw pipFailure(errors);
  log(`Installed ${total} packages in ${Math.round((Date.now() - started) / 1000)} s`, true);
}

/** How many packages the file names for this system, more or less: the total of a progress line. */
export function countRequirements(text: string): number {
  const lines = text.split("\n").filter((line) => /^[A-Za-z0-9]/.test(line));
  return new Set(lines.map((line) => line.split("==")[0])).size;
}

/** What one line of pip's output says about its progress. */
export function pipProgress(line: string): { text: string; counts: boolean } | undefined {
  const collecting = /^Collecting ([^\s;]+)/.exec(line) ??
    /^Requirement already satisfied: ([^\s;]+)/.exec(line);
  if (collecting) return { text: String(collecting[1]), counts: true };
  if (line.startsWith("Installing collected packages")) return { text: "unpacking", counts: false };
  const building = /^\s*(?:Building wheels?|Preparing metadata) .*/.exec(line);
  return building ? { text: building[0].trim(), counts: false } : undefined;
}

/** What pip's failure means to a person. */
export function pipFailure(errors: readonly string[]): JupyterUnavailableError {
  const text = errors.join("\n");
  const offline =
    /NewConnectionError|Failed to establish|Temporary failure|timed? ?out|ProxyError|ConnectionError/i
      .test(text);
  const reason = offline
    ? "pip cannot reach the package index; check the network or the proxy"
    : `pip failed (${errors.findLast((line) => line.startsWith("ERROR")) ?? errors.at(-1) ?? ""})`;
  return new JupyterUnavailableError(`Cannot set up Jupyter: ${reason} and run this again.`);
}
