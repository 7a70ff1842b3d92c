/** `deno task lab [args…]`: sets up Jupyter and opens JupyterLab with these arguments. */

import { runTask } from "./errors.ts";
import { KERNEL_NAME, openJupyter } from "./jupyter/mod.ts";
import { projectRoot } from "./paths.ts";
import { terminalLog } from "./terminal.ts";

/** Python code that starts JupyterLab. A closed terminal counts as SIGTERM, so that the kernels end too. */
const LAB = `
import os, signal
from jupyterlab.labapp import main
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
main()
`;

/** Puts our arguments before those of the user. If both set an option, the later one has effect: the user's. */
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
