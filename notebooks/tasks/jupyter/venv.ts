/** Makes the project's `.venv` with the pinned JupyterLab and the Deno kernel, and keeps it whole. */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { JupyterUnavailableError } from "../errors.ts";
import { projectRoot, writeWhole } from "../paths.ts";
import { ask } from "../processes.ts";
import type { Log } from "../terminal.ts";
import type { Jupyter } from "./mod.ts";
import { installRequirements, makeVenv, pythonCommands } from "./python.ts";

/** Options of the set-up; the defaults are the project's. */
export interface SetupOptions {
  /** The folder in which `.venv` is made. */
  readonly root?: string;
  /** The file of pinned packages. */
  readonly requirements?: string;
  /** Takes the progress. */
  readonly log?: Log;
  /** The commands that may start Python. */
  readonly commands?: readonly (readonly string[])[];
  /** A `.venv` whose Python takes longer to answer is made again; making it may take four times as long. */
  readonly seconds?: number;
}

/** The pinned packages of this project. */
export const requirementsPath: string = join(projectRoot, "notebooks", "requirements.txt");

/** The kernelspec's name in the notebooks' metadata. */
export const KERNEL_NAME = "deno";

/** Imports what runs notebooks; looks for the rest, because importing it would take a second. */
const PROBE = `
import importlib.util as u, jupyter_client.manager, zmq
assert all(map(u.find_spec, ("jupyter_server", "jupyterlab", "nbclient", "nbconvert")))
`;

/**
 * Makes or repairs `.venv`; returns at once when nothing changed. Throws a {@linkcode
 * JupyterUnavailableError} that says what to do when Python, its venv or the packages cannot be had.
 */
export async function setUpVenv({
  root = projectRoot,
  requirements = requirementsPath,
  log = (line) => console.error(line),
  commands = pythonCommands(),
  seconds = 30,
}: SetupOptions = {}): Promise<Pick<Jupyter, "python" | "env">> {
  const venv = join(root, ".venv");
  const environment = venvEnvironment(venv);
  const pins = await Deno.readTextFile(requirements);
  const stamp = join(venv, "gan-notebooks.stamp"); // has the pins of a set-up that came to its end
  using _lock = await lockFor(root);
  const made = await Deno.readTextFile(stamp).catch(() => "");
  if (made !== pins || !(await ask([environment.python, "-c", PROBE], { seconds }))?.success) {
    if ((await Deno.lstat(venv).catch(() => undefined))?.isSymlink) { // somebody else's, and made empty
      throw new JupyterUnavailableError(
        `Cannot set up Jupyter: expected ${venv} to be a folder of the project's own, got a link; remove it.`,
      );
    }
    await Deno.remove(stamp).catch(() => {});
    log("Making .venv");
    await makeVenv(venv, { commands, seconds: 4 * seconds });
    await installRequirements(environment.python, { requirements, log });
    await Deno.writeTextFile(stamp, pins);
  }
  await writeKernelspec(dataFolder(venv));
  await writeInto(join(dataFolder(venv), "lab", "settings"), "overrides.json", LAB_SETTINGS);
  return environment;
}

/** Waits until no other process sets up the same folder. */
async function lockFor(root: string): Promise<Disposable> {
  const name = root.replaceAll(/\W+/g, "-").slice(-100);
  const path = join(tmpdir(), `gan-notebooks${name}.lock`);
  const file = await Deno.open(path, { write: true, create: true });
  await file.lock(true);
  return file;
}

/** Leads Jupyter to the kernelspecs and the settings inside `.venv`, past those of the user. */
export function venvEnvironment(
  venv: string,
  os: string = Deno.build.os,
): Pick<Jupyter, "python" | "env"> {
  const isWindows = os === "windows";
  return {
    python: join(venv, isWindows ? "Scripts" : "bin", isWindows ? "python.exe" : "python"),
    env: {
      JUPYTER_PATH: dataFolder(venv),
      JUPYTER_PREFER_ENV_PATH: "1",
      JUPYTER_DATA_DIR: dataFolder(venv),
      JUPYTER_CONFIG_DIR: join(venv, "etc", "jupyter"),
      JUPYTER_RUNTIME_DIR: join(venv, "var", "jupyter"),
      IPYTHONDIR: join(venv, "var", "ipython"),
    },
  };
}

function dataFolder(venv: string): string {
  return join(venv, "share", "jupyter");
}

/** JupyterLab asks about news and looks for updates on the network unless it is told not to. */
const LAB_SETTINGS = `{"@jupyterlab/apputils-extension:notification":
  {"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": false}}`;

/**
 * Writes the kernelspec below a Jupyter data folder.
 *
 * The shell has the kernel ignore the interrupt until our library listens for it: an interrupt would end the
 * kernel otherwise.
 */
export async function writeKernelspec(
  folder: string,
  { deno = Deno.execPath(), os = Deno.build.os as string } = {},
): Promise<void> {
  const shell = ["/bin/sh", "-c", `trap "" INT; exec "$0" "$@"`];
  const argv = [deno, "jupyter", "--kernel", "--conn", "{connection_file}"];
  const spec = {
    argv: os === "windows" ? argv : [...shell, ...argv],
    display_name: "Deno",
    language: "typescript",
    // The memory of compiled programs is given back when a cell is run again: see lib/jit/run/arena.ts.
    env: { DENO_V8_FLAGS: "--expose-gc" },
  };
  const text = JSON.stringify(spec, null, 2) + "\n";
  await writeInto(join(folder, "kernels", KERNEL_NAME), "kernel.json", text);
}

async function writeInto(folder: string, name: string, text: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await writeWhole(join(folder, name), text);
}
