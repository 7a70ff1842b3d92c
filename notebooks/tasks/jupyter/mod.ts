/** Finds the Jupyter that runs notebooks: the one in `.venv`, which is made or repaired here, or one on the PATH. */

import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { JupyterUnavailableError } from "../errors.ts";
import { projectRoot, writeWhole } from "../paths.ts";
import { ask } from "../processes.ts";
import type { Log } from "../terminal.ts";
import { installRequirements, makeVenv, pythonCommands } from "./python.ts";

/** An installed Jupyter. */
export interface Jupyter {
  /** The Python that has Jupyter's packages. */
  readonly python: string;
  /** Environment variables with which Jupyter finds the Deno kernel, to be added to those of the process. */
  readonly env: Readonly<Record<string, string>>;
}

/** The project's set-up. */
const PROJECT = {
  /** The folder in which `.venv` is made. */
  root: projectRoot,
  /** The file of pinned packages. */
  requirements: join(projectRoot, "notebooks", "requirements.txt"),
  /** Receives the lines of progress. */
  log: ((line) => console.error(line)) as Log,
  /** The commands that may start Python. */
  commands: pythonCommands(),
  /** Seconds after which a `.venv` without an answer is made again; making it may take four times as long. */
  seconds: 30,
};

/** Options of the set-up. By default it sets up this project. */
export type SetupOptions = Partial<typeof PROJECT>;

/** The kernelspec's name in the notebooks' metadata. */
export const KERNEL_NAME = "deno";

/** Python code that checks the packages: imports some, and only searches for the others, which is faster. */
const PROBE = `
import importlib.util as u, jupyter_client.manager, zmq
assert all(map(u.find_spec, ("jupyter_server", "jupyterlab", "nbclient", "nbconvert")))
`;

/**
 * Makes or repairs the project's `.venv` and returns its Jupyter. If `.venv` cannot be made, says so and returns
 * the `jupyter` on the PATH. Throws a {@linkcode JupyterUnavailableError} with the reason if there is neither.
 */
export async function openJupyter(
  { command = "jupyter", ...options }: SetupOptions & { readonly command?: string } = {},
): Promise<Jupyter> {
  const { root, log } = { ...PROJECT, ...options };
  try {
    return await setUpVenv(options);
  } catch (error) {
    if (!(error instanceof JupyterUnavailableError)) throw error;
    const python = await pythonOf(command);
    if (python === undefined) throw error;
    const folder = join(root, "notebooks", "out", "jupyter");
    await writeKernelspec(folder);
    const known = Deno.env.get("JUPYTER_PATH");
    log(`${error.message} Using the jupyter on the PATH.`);
    return { python, env: { JUPYTER_PATH: known ? folder + delimiter + known : folder } };
  }
}

/** Finds the Python of a Jupyter. `jupyter troubleshoot` is its only command that names it on every system. */
async function pythonOf(command: string): Promise<string | undefined> {
  const report = (await ask([command, "troubleshoot"]))?.stdout ?? "";
  const python = /^sys\.executable:\s*\n\s+(.+?)\s*$/m.exec(report)?.[1];
  if (!python) return undefined;
  const works = await ask([python, "-c", "import nbclient, nbconvert, jupyter_client.manager"]);
  return works?.success ? python : undefined;
}

/**
 * Makes or repairs `.venv`. Returns at once if nothing has changed. Throws a {@linkcode JupyterUnavailableError}
 * that says what to do if Python, its module `venv` or a package is missing.
 */
export async function setUpVenv(options: SetupOptions = {}): Promise<Jupyter> {
  const { root, requirements, log, commands, seconds } = { ...PROJECT, ...options };
  const venv = join(root, ".venv");
  const jupyter = jupyterIn(venv);
  const pins = await Deno.readTextFile(requirements);
  const stamp = join(venv, "gan-notebooks.stamp"); // has the pins of a set-up that came to its end
  const lock = join(tmpdir(), `gan-notebooks${root.replaceAll(/\W+/g, "-").slice(-100)}.lock`);
  using file = await Deno.open(lock, { write: true, create: true });
  await file.lock(true); // until no other process sets up the same folder
  const made = await Deno.readTextFile(stamp).catch(() => "");
  if (made !== pins || !(await ask([jupyter.python, "-c", PROBE], { seconds }))?.success) {
    if ((await Deno.lstat(venv).catch(() => undefined))?.isSymlink) { // somebody else's, and made empty
      throw new JupyterUnavailableError(
        `Cannot set up Jupyter: expected ${venv} to be a folder of the project's own, got a link; remove it.`,
      );
    }
    await Deno.remove(stamp).catch(() => {});
    log("Making .venv");
    await makeVenv(venv, { commands, seconds: 4 * seconds });
    await installRequirements(jupyter.python, { requirements, log });
    await Deno.writeTextFile(stamp, pins);
  }
  const data = join(venv, "share", "jupyter");
  await writeKernelspec(data);
  await writeWhole(join(data, "lab", "settings", "overrides.json"), LAB_SETTINGS);
  return jupyter;
}

/** Describes the Jupyter in a `.venv`. It uses the kernelspecs and the settings in it, and not those of the user. */
export function jupyterIn(venv: string, os: string = Deno.build.os): Jupyter {
  const isWindows = os === "windows";
  const data = join(venv, "share", "jupyter");
  return {
    python: join(venv, isWindows ? "Scripts" : "bin", isWindows ? "python.exe" : "python"),
    env: {
      JUPYTER_PATH: data,
      JUPYTER_DATA_DIR: data,
      JUPYTER_CONFIG_DIR: join(venv, "etc", "jupyter"),
      JUPYTER_RUNTIME_DIR: join(venv, "var", "jupyter"),
      IPYTHONDIR: join(venv, "var", "ipython"),
    },
  };
}

/** Settings without which JupyterLab asks about news and looks for updates on the network. */
const LAB_SETTINGS = `{"@jupyterlab/apputils-extension:notification":
  {"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": false}}`;

/** Writes the kernelspec to a data folder of Jupyter. */
export async function writeKernelspec(
  folder: string,
  { deno = Deno.execPath(), os = Deno.build.os as string } = {},
): Promise<void> {
  // The shell has the kernel ignore interrupts, which would end it, until our library listens for them.
  const shell = os === "windows" ? [] : ["/bin/sh", "-c", `trap "" INT; exec "$0" "$@"`];
  const spec = {
    argv: [...shell, deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    // The memory of compiled programs is given back when a cell is run again: see lib/jit/run/arena.ts.
    env: { DENO_V8_FLAGS: "--expose-gc" },
  };
  const text = JSON.stringify(spec, null, 2) + "\n";
  await writeWhole(join(folder, "kernels", KERNEL_NAME, "kernel.json"), text);
}
