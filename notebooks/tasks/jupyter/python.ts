/** Finds a Python that can make the virtual environment for Jupyter, and installs packages with its pip. */

import { isOlder, JupyterUnavailableError } from "../errors.ts";
import { ask, linesIn } from "../processes.ts";
import type { TerminalLog } from "../terminal.ts";

/** The oldest Python that the pinned JupyterLab runs on. */
const MINIMUM_PYTHON = "3.10";

/** A Python found on the PATH. */
export interface Python {
  /** The command and its first arguments. */
  readonly command: readonly string[];
  /** Such as "3.11.7". */
  readonly version: string;
}

/** Prints the version, and if it can make environments with pip inside: Debian ships Python without. */
const PROBE = `
import importlib.util as u, sys
print("%d.%d.%d" % sys.version_info[:3], all(map(u.find_spec, ("venv", "ensurepip"))))
`;

/** Lists the commands that may start a Python 3 on this system, the usual ones first. */
export function pythonCommands(os: string = Deno.build.os): string[][] {
  if (os === "windows") return [["py", "-3"], ["python"], ["python3"]];
  const versioned = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  return ["python3", "python", ...versioned].map((name) => [name]);
}

/** Finds the first Python that is new enough and can make virtual environments, or says what is missing. */
export async function findPython(
  commands: readonly (readonly string[])[] = pythonCommands(),
  { seconds = 20 }: { readonly seconds?: number } = {},
): Promise<Python> {
  const found: string[] = [];
  for (const command of commands) {
    const answer = await ask([...command, "-c", PROBE], { seconds });
    if (!answer) continue;
    const [version = "", hasVenv] = answer.stdout.trim().split(" ");
    const isNew = version !== "" && !isOlder(version, MINIMUM_PYTHON);
    if (isNew && hasVenv === "True") return { command, version };
    if (version !== "") found.push(`Python ${version}${isNew ? " without `venv`" : ""}`);
    else if (answer.late) found.push(`${command.join(" ")}, which does not answer`);
  }
  throw new JupyterUnavailableError(
    `Cannot set up Jupyter: expected Python ${MINIMUM_PYTHON} or newer with its \`venv\` module, got ${
      found.join(", ") || "none on the PATH"
    }; install it (on Debian and Ubuntu: \`sudo apt-get install python3-venv\`) and run this again.`,
  );
}

/** Installs every package of a requirements file; pip's own settings (PIP_*) are left as they are. */
export async function installRequirements(
  python: string,
  { requirements, log }: { readonly requirements: string; readonly log: TerminalLog["line"] },
): Promise<void> {
  // The file names every package with its version, so pip has nothing to resolve.
  const args = ["-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check"];
  // One retry rather than five: a person without network waits seconds for the answer, not a minute.
  if (Deno.env.get("PIP_RETRIES") === undefined) args.push("--retries", "1");
  args.push("--progress-bar", "off", "-r", requirements);
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(python, { args, ...streams }).spawn();
  const errors = Array.fromAsync(linesIn(child.stderr));
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  for await (const line of linesIn(child.stdout)) {
    log(`Installing JupyterLab, ${seconds()} of about 60 s: ${line.trim()}`, true);
  }
  if (!(await child.status).success) throw pipFailure(await errors);
  log(`Installed JupyterLab in ${seconds()}`, true);
}

/** Says what pip's failure means to a person. */
export function pipFailure(errors: readonly string[]): JupyterUnavailableError {
  const offline =
    /NewConnectionError|Failed to establish|Temporary failure|timed? ?out|ProxyError|ConnectionError/i;
  const reason = offline.test(errors.join("\n"))
    ? "pip cannot reach the package index; check the network or the proxy"
    : `pip failed (${errors.findLast((line) => line.startsWith("ERROR")) ?? errors.at(-1) ?? ""})`;
  return new JupyterUnavailableError(`Cannot set up Jupyter: ${reason} and run this again.`);
}
