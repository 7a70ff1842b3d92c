/** The cells of a notebook are type-checked and linted, with their places in the notebook. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkNotebooks } from "../../notebooks/tasks/notebook/check.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/notebooks/${name}.ipynb`, import.meta.url));

async function problemsOf(...names: string[]): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-cells-" });
  try {
    return await checkNotebooks(names.map(fixture), { folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("checkNotebooks() finds nothing in a good notebook", async () => {
  assert.deepEqual(await problemsOf("sample"), []);
});

Deno.test("checkNotebooks() names cell and line of a type error", async () => {
  const [problem, ...others] = await problemsOf("sample", "type_error");
  assert.match(
    String(problem),
    /type_error\.ipynb cell 2 line 2: TS2322: Type 'number' is not assign/,
  );
  assert.deepEqual(others, []);
});

Deno.test("checkNotebooks() names cell and line of a syntax error", async () => {
  const [problem] = await problemsOf("syntax_error");
  assert.match(
    String(problem),
    /syntax_error\.ipynb cell 2 line 2: SyntaxError: Expression expected/,
  );
});

Deno.test("checkNotebooks() names cell and line of what the linter finds", async () => {
  const [problem] = await problemsOf("throws");
  assert.match(String(problem), /throws\.ipynb cell 3 line 1: no-unreachable: /);
});
