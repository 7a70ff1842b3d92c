/** Makes the project's `.venv` with the pinned JupyterLab and the Deno kernel, and keeps it whole. */

import { dirname, join } from "node:path";
import { projectRoot } from "../paths.ts";
import { JupyterUnavailableError } from "../errors.ts";
import type { JupyterEnvironment } from "./kernel_client.ts";
import { findPython, type Python } from "./python.ts";
import { writeKernelspec } from "./kernelspec.ts";
import { installRequirements } from "./pip.ts";

/** What the set-up works with; the defaults are the project's. */
export interface SetupOptions {
  /** The folder in which `.venv` is made. */
  readonly root?: string;
  /** The pinned packages. */
  readonly requirements?: string;
  /** Takes a line of progress; a line that `replaces` stands in the place of the one before. */
  readonly log?: (line: string, replaces?: boolean) => void;
  /** Looks for Python. */
  readonly python?: () => Promise<Python>;
}

/** The pinned packages of this project. */
export const requirementsPath: string = join(projectRoot, "notebooks", "requirements.txt");

/**
 * Makes or repairs `.venv`; returns at once when nothing changed. Throws a {@linkcode
 * JupyterUnavailableError} that says what to do when Python, its venv or the packages cannot be had.
 */
export async function setUpVenv({
  root = projectRoot,
  requirements = requirementsPath,
  log = (line) => console.error(line),
  python = findPython,
}: SetupOptions = {}): Promise<JupyterEnvironment> {
  const venv = join(root, ".venv");
  const environment = venvEnvironment(venv);
  const stamp = await stampText(requirements);
  if (!await isWhole(venv, stamp, environment)) {
    const found = await python();
    await removeStamp(venv);
    log(`Making .venv with Python ${found.version}`);
    await makeVenv(found, venv);
    await installRequirements(environment.python, { requirements, log });
    await Deno.writeTextFile(join(venv, STAMP), stamp);
  }
  await writeKernelspec(dataFolder(venv));
  await writeLabSettings(venv);
  return environment;
}

const STAMP = "gan-notebooks.stamp";

/** Leads Jupyter to the kernelspecs and the settings inside `.venv`, past those of the user. */
export function venvEnvironment(venv: string, os: string = Deno.build.os): JupyterEnvironment {
  const bin = join(venv, os === "windows" ? "Scripts" : "bin");
  return {
    python: join(bin, os === "windows" ? "python.exe" : "python"),
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

async function stampText(requirements: string): Promise<string> {
  const bytes = await Deno.readFile(requirements);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `requirements ${hash.toHex()}\n`;
}

/** Imports what runs notebooks; looks for the rest, because importing it would take a second. */
const PROBE = `
import importlib.util as u, jupyter_client.manager, zmq
assert u.find_spec("jupyter_server") and u.find_spec("jupyterlab")
`;

async function isWhole(
  venv: string,
  stamp: string,
  { python }: JupyterEnvironment,
): Promise<boolean> {
  try {
    if (await Deno.readTextFile(join(venv, STAMP)) !== stamp) return false;
    return (await new Deno.Command(python, { args: ["-c", PROBE] }).output()).success;
  } catch {
    return false; // no stamp (a set-up that was interrupted), or a Python that is gone
  }
}

async function removeStamp(venv: string): Promise<void> {
  await Deno.remove(join(venv, STAMP)).catch(() => {});
}

/** Making an environment clears its folder: one that is reached through a link belongs to somebody else. */
async function refuseLink(venv: string): Promise<void> {
  const found = await Deno.lstat(venv).catch(() => undefined);
  if (!found?.isSymlink) return;
  throw new JupyterUnavailableError(
    `Cannot set up Jupyter: expected ${venv} to be a folder of the project's own, got a link; remove it.`,
  );
}

async function makeVenv({ command, version }: Python, venv: string): Promise<void> {
  await refuseLink(venv);
  const [program = "", ...first] = command;
  const args = [...first, "-m", "venv", "--clear", venv];
  const { success, stderr, stdout } = await new Deno.Command(program, { args }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim() || new TextDecoder().decode(stdout).trim();
  throw new JupyterUnavailableError(
    `Cannot set up Jupyter: Python ${version} could not make ${venv} (${
      lastLine(said)
    }); on Debian ` +
      "and Ubuntu `sudo apt-get install python3-venv` helps.",
  );
}

function lastLine(text: string): string {
  return text.split("\n").at(-1) ?? "";
}

/** JupyterLab asks about news and looks for updates on the network unless it is told not to. */
async function writeLabSettings(venv: string): Promise<void> {
  const path = join(dataFolder(venv), "lab", "settings", "overrides.json");
  const notification = { fetchNews: "false", checkForUpdates: false, doNotDisturbMode: false };
  const text = JSON.stringify({ "@jupyterlab/apputils-extension:notification": notification });
  if (await Deno.readTextFile(path).catch(() => "") === text) return;
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}
