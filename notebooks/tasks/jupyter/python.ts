/** Finds a Python that can make the virtual environment for Jupyter. */

import { compareVersions, JupyterUnavailableError } from "../errors.ts";

/** The oldest Python that the pinned JupyterLab runs on. */
export const MINIMUM_PYTHON = "3.10";

/** A Python found on the PATH. */
export interface Python {
  /** The command and its first arguments. */
  readonly command: readonly string[];
  /** Such as "3.11.7". */
  readonly version: string;
  /** Whether it can make virtual environments with pip inside: Debian ships Python without. */
  readonly hasVenv: boolean;
}

const PROBE = `
import importlib.util as u, sys
print("%d.%d.%d" % sys.version_info[:3], all(map(u.find_spec, ("venv", "ensurepip"))))
`;

/** The commands that may start a Python 3 on this system, the usual ones first. */
export function pythonCommands(os: string = Deno.build.os): string[][] {
  const versioned = [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  if (os === "windows") return [["py", "-3"], ["python"], ["python3"]];
  return [["python3"], ["python"], ...versioned.map((name) => [name])];
}

/** The first Python that is new enough and can make virtual environments, or a sentence on what is missing. */
export async function findPython(
  commands: readonly (readonly string[])[] = pythonCommands(),
): Promise<Python> {
  const found: Python[] = [];
  for (const command of commands) {
    const python = await probe(command);
    if (!python) continue;
    if (isNewEnough(python) && python.hasVenv) return python;
    found.push(python);
  }
  throw new JupyterUnavailableError(explain(found));
}

function isNewEnough({ version }: Python): boolean {
  return compareVersions(version, MINIMUM_PYTHON) >= 0;
}

async function probe(command: readonly string[]): Promise<Python | undefined> {
  const [program = "", ...args] = command;
  try {
    const probing = new Deno.Command(program, { args: [...args, "-c", PROBE], stderr: "null" });
    const { success, stdout } = await probing.output();
    const [version, hasVenv] = new TextDecoder().decode(stdout).trim().split(" ");
    if (!success || !version) return undefined;
    return { command, version, hasVenv: hasVenv === "True" };
  } catch {
    return undefined; // not on the PATH, or not allowed to run
  }
}

function explain(found: readonly Python[]): string {
  const noVenv = found.find(isNewEnough);
  if (noVenv) {
    return `Cannot set up Jupyter: Python ${noVenv.version} has no \`venv\` module; install it (on ` +
      "Debian and Ubuntu: `sudo apt-get install python3-venv`) and run this again.";
  }
  const got = found[0] ? `Python ${found[0].version}` : "no Python on the PATH";
  return `Cannot set up Jupyter: expected Python ${MINIMUM_PYTHON} or newer, got ${got}; install one ` +
    "from python.org or the system's packages and run this again.";
}
