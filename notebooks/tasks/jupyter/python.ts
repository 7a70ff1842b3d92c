/** Makes a virtual environment with a Python of this machine, and installs packages in it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { JupyterUnavailableError } from "../errors.ts";
import { ask } from "../processes.ts";
import type { Log } from "../terminal.ts";

/** Python code that makes an environment with pip. On Debian it needs an additional package. */
const MAKE = `
import sys
if sys.version_info < (3, 10):
    sys.exit("it is Python %d.%d" % sys.version_info[:2])
import ensurepip, venv
venv.main(["--clear", sys.argv[1]])
`;

/** Lists the commands that may start a Python 3 on this system, the usual ones first. */
export function pythonCommands(os: string = Deno.build.os): string[][] {
  if (os === "windows") return [["py", "-3"], ["python"], ["python3"]];
  const versioned = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  return ["python3", "python", ...versioned].map((name) => [name]);
}

/** Makes a virtual environment with the first Python that can do so. Throws an error with reasons if none can. */
export async function makeVenv(
  venv: string,
  { commands, seconds }: { commands: readonly (readonly string[])[]; seconds: number },
): Promise<void> {
  const reasons: string[] = [];
  for (const command of commands) {
    const made = await ask([...command, "-c", MAKE, venv], { seconds });
    if (made?.success) return;
    if (made) reasons.push(`${command.join(" ")} (${made.stderr.trim().split("\n").at(-1)})`);
  }
  throw new JupyterUnavailableError(
    `Cannot set up Jupyter: expected Python 3.10 or newer with its \`venv\` module, got ${
      reasons.join(", ") || "none on the PATH"
    }; install it (on Debian and Ubuntu: \`sudo apt-get install python3-venv\`) and run this again.`,
  );
}

/** Installs every package of a requirements file. The settings of pip (PIP_*) are not changed. */
export async function installRequirements(
  python: string,
  { requirements, log }: { requirements: string; log: Log },
): Promise<void> {
  // The file names every package with its version, so pip has nothing to resolve.
  const args = ["-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check"];
  args.push("--progress-bar", "off", "-r", requirements);
  // One retry rather than five: a person without network waits seconds for the answer, not a minute.
  const env = { PIP_RETRIES: "1", ...Deno.env.toObject() };
  const child = spawn(python, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const exit = once(child, "exit");
  const errors = Array.fromAsync(createInterface(child.stderr));
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  for await (const line of createInterface(child.stdout)) {
    log(`Installing JupyterLab, ${seconds()} of about 60 s: ${line.trim()}`, true);
  }
  if ((await exit)[0] !== 0) throw pipFailure(await errors);
  log(`Installed JupyterLab in ${seconds()}`, true);
}

/** Makes the error for a failure of pip, in words that a user understands. */
export function pipFailure(errors: readonly string[]): JupyterUnavailableError {
  const offline =
    /NewConnectionError|Failed to establish|Temporary failure|timed? ?out|ProxyError|ConnectionError/i;
  const reason = offline.test(errors.join("\n"))
    ? "pip cannot reach the package index; check the network or the proxy"
    : `pip failed (${errors.findLast((line) => line.startsWith("ERROR")) ?? errors.at(-1) ?? ""})`;
  return new JupyterUnavailableError(`Cannot set up Jupyter: ${reason} and run this again.`);
}
