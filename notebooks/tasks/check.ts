/** `deno task notebooks:check [names…]`: type-checks and lints cells; says whether notebooks are fit to commit. */

import { checkCommitted } from "./commit.ts";
import { runTask } from "./errors.ts";
import { checkNotebooks } from "./notebook/check.ts";
import { findNotebooks } from "./run/find_notebooks.ts";

/** Checks the notebooks that the arguments name; returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const paths = await findNotebooks(args);
  const problems = await checkNotebooks(paths);
  for (const problem of problems) console.error(problem + "\n");
  const committed = await checkCommitted(paths);
  if (problems.length === 0 && committed === 0) console.error(`Checked ${paths.length} notebooks`);
  return problems.length > 0 ? 1 : committed;
}

if (import.meta.main) await runTask(() => main(Deno.args));
