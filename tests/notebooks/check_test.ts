/** The cells of a notebook are type-checked and linted, with their places in the notebook. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkNotebooks } from "../../notebooks/tasks/check.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/notebooks/${name}.ipynb`, import.meta.url));

async function problemsOf(...names: string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-cells-" });
  try {
    return await checkNotebooks(names.map(fixture), { folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("checkNotebooks() finds nothing in a good notebook", async () => {
  assert.equal(await problemsOf("sample"), "");
});

Deno.test("checkNotebooks() names cell and line of a type error", async () => {
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
