/** The cells of a notebook are type-checked and linted, with their places in the notebook. */

import assert from "node:assert/strict";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkNotebooks } from "../../notebooks/tasks/check.ts";
import { formatNotebook, normalise } from "../../notebooks/tasks/commit/normalise.ts";
import { printNotebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { notebookOf } from "./notebook_of.ts";

const fixture = (name: string) =>
  isAbsolute(name)
    ? name
    : fileURLToPath(new URL(`../fixtures/notebooks/${name}.ipynb`, import.meta.url));

async function problemsOf(...names: string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-cells-" });
  try {
    return await checkNotebooks(names.map(fixture), { folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("checkNotebooks() names cell and line of a type error, and nothing of a good notebook", async () => {
  const problems = await problemsOf("sample", "type_error");
  assert.match(problems, /TS2322 .*: Type 'number' is not assign/);
  assert.match(problems, /at tests.fixtures.notebooks.type_error\.ipynb cell 2 line 2\n/);
  assert.doesNotMatch(problems, /sample|backtrace|unknown/);
});

Deno.test("checkNotebooks() names cell and line of a syntax error", async () => {
  const problems = await problemsOf("syntax_error");
  assert.match(problems, /SyntaxError: Expression expected[^]*syntax_error\.ipynb cell 2 line 2\n/);
});

Deno.test("checkNotebooks() names cell and line of what the linter finds", async () => {
  const problems = await problemsOf("throws");
  assert.match(problems, /throws\.ipynb cell 3 line 1 - .*\(no-unreachable\)/);
});

/** Runs the task on fixtures; returns its exit status and what it said. */
async function runCheck(...names: string[]): Promise<{ code: number; said: string }> {
  const task = fileURLToPath(new URL("../../notebooks/tasks/check.ts", import.meta.url));
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", task, ...names.map(fixture)],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

Deno.test("the task fails where cells or outputs are not fit to commit, and says how to mend them", async () => {
  const unfit = await runCheck("sample");
  assert.equal(unfit.code, 1);
  assert.match(
    unfit.said,
    /^Cannot commit \S+sample\.ipynb: expected .*\n[^]*`deno task notebooks:commit` runs and normalises notebooks\.\n$/,
  );
  assert.doesNotMatch(unfit.said, /TS\d+|Checked/);
});

Deno.test("the task ends with 0 where all is well", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-cells-" });
  try {
    const path = join(folder, "fit.ipynb");
    await Deno.writeTextFile(
      path,
      await formatNotebook(printNotebook(normalise(notebookOf("1;")))),
    );
    const { code, said } = await runCheck(path);
    assert.deepEqual({ code, said }, { code: 0, said: "Checked 1 notebooks\n" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
