/** `deno task lab [args…]`: sets up Jupyter and opens JupyterLab; the arguments go on to it. */

import { runTask } from "./errors.ts";
import { KERNEL_NAME, openJupyter } from "./jupyter/mod.ts";
import { projectRoot } from "./paths.ts";
import { terminalLog } from "./terminal.ts";

/** JupyterLab ends its kernels at SIGTERM, but not when its terminal is closed. */
const LAB = `
import os, signal
from jupyterlab.labapp import main
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
main()
`;

/** Puts our arguments before those of the person, so that the person's count. */
export function labArguments(args: readonly string[]): string[] {
  // A path among the arguments says itself what to open.
  const opens = args.some((arg) => !arg.startsWith("-") && !/^\d+$/.test(arg));
  return [
    `--ServerApp.root_dir=${projectRoot}`,
    `--MultiKernelManager.default_kernel_name=${KERNEL_NAME}`,
    `--KernelSpecManager.allowed_kernelspecs=${KERNEL_NAME}`,
    ...(opens ? [] : ["--LabApp.default_url=/lab/tree/notebooks"]),
    ...args,
  ];
}

if (import.meta.main) {
  await runTask(async (stop) => {
    const jupyter = await openJupyter({ log: terminalLog() });
    const args = ["-c", LAB, ...labArguments(Deno.args)];
    const options = { args, env: jupyter.env, cwd: projectRoot };
    const server = new Deno.Command(jupyter.python, options).spawn();
    stop.addEventListener("abort", () => server.kill("SIGTERM"), { once: true });
    return (await server.status).code;
  }, { leaveInterrupt: true });
}
