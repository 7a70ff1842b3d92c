/** Finds a Python that can make the virtual environment for Jupyter. */

import { compareVersions, JupyterUnavailableError } from "../errors.ts";
import { ask } from "../processes.ts";

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
    const isNew = version !== "" && compareVersions(version, MINIMUM_PYTHON) >= 0;
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
