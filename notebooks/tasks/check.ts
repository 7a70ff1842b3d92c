/** `deno task notebooks:check [names…]`: type-checks and lints cells; says whether notebooks are fit to commit. */

import { checkCommitted } from "./commit.ts";
import { runTask } from "./errors.ts";
import { checkNotebooks } from "./notebook/check.ts";
import { findNotebooks } from "./run/find_notebooks.ts";

async function main(args: readonly string[]): Promise<number> {
  const paths = await findNotebooks(args);
  const problems = await checkNotebooks(paths);
  if (problems) console.error(problems);
  const committed = await checkCommitted(paths);
  if (problems === "" && committed === 0) console.error(`Checked ${paths.length} notebooks`);
  return problems ? 1 : committed;
}

if (import.meta.main) await runTask(() => main(Deno.args));
