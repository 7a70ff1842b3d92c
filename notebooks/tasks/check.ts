/** `deno task notebooks:check [names…]`: type-checks and lints cells; tells whether notebooks can be committed. */

import { formatNotebook, problemsOf } from "./commit/normalise.ts";
import { runTask } from "./errors.ts";
import { withPlaces, writeModule } from "./notebook/module.ts";
import { findNotebooks, shortPath } from "./paths.ts";
import { ask } from "./processes.ts";

/** Checks the cells of notebooks. Returns Deno's messages, which name cells and their lines, or an empty text. */
export async function checkNotebooks(
  notebookPaths: readonly string[],
  options: { readonly folder?: string } = {},
): Promise<string> {
  const modules = await Array.fromAsync(notebookPaths, (path) => writeModule(path, options));
  const files = ["--config", modules[0]!.config, ...modules.map(({ path }) => path)];
  const answers = await Promise.all([["check", "--quiet"], ["lint", "--compact"]].map((tool) => {
    const command = [Deno.execPath(), ...tool, ...files];
    return ask(command, { env: { NO_COLOR: "1" }, seconds: 600 });
  }));
  const problems = answers.map((answer) =>
    answer?.success ? "" : answer?.stderr || "Deno does not answer"
  );
  return withPlaces(problems.join(""), modules).replaceAll("\r\n", "\n")
    .replace(/\n+Stack backtrace:\n(?: .*\n)*/g, "\n");
}

/** Lists the reasons why a notebook cannot be committed. */
export async function checkCommitted(path: string): Promise<string[]> {
  const name = shortPath(path);
  const text = await Deno.readTextFile(path);
  const found = problemsOf(text, name);
  if (await formatNotebook(text) !== text) found.push("expected cells as `deno fmt` writes them");
  return found.map((problem) => `Cannot commit ${name}: ${problem}`);
}

if (import.meta.main) {
  await runTask(async () => {
    const paths = await findNotebooks(Deno.args);
    const problems = await checkNotebooks(paths);
    if (problems) console.error(problems);
    const unfit = (await Promise.all(paths.map(checkCommitted))).flat();
    if (unfit.length > 0) unfit.push("`deno task notebooks:commit` runs and normalises notebooks.");
    for (const line of unfit) console.error(line);
    if (problems || unfit.length > 0) return 1;
    console.error(`Checked ${paths.length} notebooks`);
    return 0;
  });
}
