/** Runs a JupyterLab in the project's folder, with settings separate from the user's. */

import { join } from "node:path";
import { PRESET_VARIABLE } from "../../lib/jupyter/preset.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import { endsWithin } from "./until.ts";

/** Running JupyterLab. */
export interface LabServer extends AsyncDisposable {
  /** Returns the address that opens a notebook, given relative to the project's folder. */
  urlOf(notebook: string): string;
}

const token = "browser-test";

/** Starts JupyterLab and waits until it answers. */
export async function startLab(
  jupyter: Jupyter,
  options: { readonly theme?: string; readonly root?: string } = {},
): Promise<LabServer> {
  const { theme = "JupyterLab Light", root = projectRoot } = options;
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-lab-" });
  await writeSettings(folder, theme);
  const port = freePort();
  const server = new Deno.Command(jupyter.python, {
    args: labArguments(port, root),
    env: { ...jupyter.env, ...privateFolders(folder), [PRESET_VARIABLE]: "seconds" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = new Response(server.stderr).text();
  const address = `http://127.0.0.1:${port}`;
  await untilAnswers(`${address}/api/status?token=${token}`, server, log);
  return {
    urlOf: (notebook) => `${address}/lab/tree/${encodeURI(notebook)}?token=${token}&reset`,
    async [Symbol.asyncDispose]() {
      await stop(address, server);
      await endsWithin(5_000, log); // a kernel that outlives its server keeps the pipe open
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
}

function labArguments(port: number, root: string): string[] {
  const options = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.port": port,
    "ServerApp.port_retries": 0,
    "ServerApp.open_browser": "False",
    "ServerApp.allow_root": "True",
    "ServerApp.root_dir": root,
    "IdentityProvider.token": token,
    "LabApp.expose_app_in_browser": "True",
  };
  return ["-m", "jupyterlab", ...Object.entries(options).map(([name, v]) => `--${name}=${v}`)];
}

/** Names folders for settings, workspaces and trust that are not the user's. */
function privateFolders(folder: string): Record<string, string> {
  return {
    JUPYTERLAB_SETTINGS_DIR: join(folder, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(folder, "workspaces"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
  };
}

/** Settings without autosave, because a test saves explicitly, and without questions about news. */
async function writeSettings(folder: string, theme: string): Promise<void> {
  const settings = {
    "apputils-extension/themes": { theme },
    "apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
    "docmanager-extension/plugin": { autosave: false },
  };
  for (const [name, value] of Object.entries(settings)) {
    const path = join(folder, "settings", "@jupyterlab", `${name}.jupyterlab-settings`);
    await Deno.mkdir(join(path, ".."), { recursive: true });
    await Deno.writeTextFile(path, JSON.stringify(value));
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilAnswers(
  url: string,
  server: Deno.ChildProcess,
  log: Promise<string>,
): Promise<void> {
  let ended = false;
  server.status.then(() => ended = true);
  for (let tries = 0; tries < 3000 && !ended; tries++) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (!ended) server.kill();
  throw new Error(`Cannot start JupyterLab: ${(await log).trim().split("\n").slice(-3).join(" ")}`);
}

/** Asks the server to end, which also ends its kernels. On a busy machine it may not answer any more. */
async function stop(address: string, server: Deno.ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  const asked = await fetch(`${address}/api/shutdown?token=${token}`, { method: "POST", signal })
    .catch(() => undefined);
  await asked?.body?.cancel();
  if (asked?.ok && await endsWithin(20_000, server.status)) return;
  for (const kill of ["SIGTERM", "SIGKILL"] as const) {
    server.kill(kill);
    if (await endsWithin(10_000, server.status)) return;
  }
}
