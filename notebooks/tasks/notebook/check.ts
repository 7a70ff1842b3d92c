/** Type-checks and lints the cells of notebooks, which the kernel does not. */

import { ask } from "../processes.ts";
import { type NotebookModule, withPlaces, writeModule, type WriteOptions } from "./module.ts";

/** Checks notebooks; returns what Deno says of them, with cells for lines, or an empty text. */
export async function checkNotebooks(
  notebookPaths: readonly string[],
  options: WriteOptions = {},
): Promise<string> {
  const modules: NotebookModule[] = [];
  for (const path of notebookPaths) modules.push(await writeModule(path, options));
  let found = "";
  for (const [config, group] of Map.groupBy(modules, ({ config }) => config)) {
    const paths = group.map(({ path }) => path);
    for (const tool of [["check", "--quiet"], ["lint", "--compact"]]) {
      const command = [Deno.execPath(), ...tool, "--config", config, ...paths];
      const answer = await ask(command, { env: { NO_COLOR: "1" }, seconds: 600 });
      if (!answer?.success) found += withPlaces(answer?.stderr ?? `no answer of ${tool}`, group);
    }
  }
  return found.replaceAll("\r\n", "\n").replace(/\n+Stack backtrace:\n(?: .*\n)*/g, "\n");
}
