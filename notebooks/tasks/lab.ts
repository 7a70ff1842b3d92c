/** `deno task lab [args…]`: sets up Jupyter and opens JupyterLab; the arguments go on to it. */

import { runTask, TaskError } from "./errors.ts";
import { KERNEL_NAME } from "./jupyter/kernelspec.ts";
import { openJupyter } from "./jupyter/mod.ts";
import { findPort } from "./jupyter/port.ts";
import { projectRoot } from "./paths.ts";
import { terminalLog } from "./terminal.ts";

const DEFAULT_PORT = 8888;

/** Runs JupyterLab until it ends; returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const log = terminalLog();
  using jupyter = await openJupyter({ log: log.line });
  const wanted = wantedPort(args);
  const port = findPort(wanted);
  if (port !== wanted) log.line(`Port ${wanted} is taken; JupyterLab opens on port ${port}.`);
  const server = new Deno.Command(jupyter.python, {
    args: ["-m", "jupyterlab", ...labArguments(args, port)],
    env: { ...jupyter.env },
    cwd: projectRoot,
  }).spawn();
  // Ctrl-C is for JupyterLab, which asks first; this process waits for its answer.
  const wait = () => {};
  Deno.addSignalListener("SIGINT", wait);
  try {
    return (await server.status).code;
  } finally {
    Deno.removeSignalListener("SIGINT", wait);
  }
}

const PORT_ARGUMENT = /^--(?:ServerApp\.)?port(?:=(.*))?$/;

/** The port that the arguments name, or Jupyter's usual one. */
export function wantedPort(args: readonly string[]): number {
  const index = args.findIndex((arg) => PORT_ARGUMENT.test(arg));
  if (index < 0) return DEFAULT_PORT;
  const text = PORT_ARGUMENT.exec(args[index] ?? "")?.[1] ?? args[index + 1] ?? "";
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new TaskError(`Cannot use --port: expected a number from 1 to 65535, got "${text}".`);
}

/** JupyterLab's arguments: ours first, so that those of the person count. */
export function labArguments(args: readonly string[], port: number): string[] {
  const rest = args.filter((arg, index) =>
    !PORT_ARGUMENT.test(arg) && !(index > 0 && /port$/.test(args[index - 1] ?? ""))
  );
  // A path among the arguments says itself what to open.
  const opens = rest.some((arg) => !arg.startsWith("-"));
  return [
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.root_dir=${projectRoot}`,
    `--MultiKernelManager.default_kernel_name=${KERNEL_NAME}`,
    `--KernelSpecManager.allowed_kernelspecs=${KERNEL_NAME}`,
    ...(opens ? [] : ["--LabApp.default_url=/lab/tree/notebooks"]),
    ...rest,
  ];
}

if (import.meta.main) await runTask(() => main(Deno.args));
