/** The committed form of notebooks. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatNotebook,
  METADATA,
  normalise,
  problemsOf,
} from "../../notebooks/tasks/commit/normalise.ts";
import {
  codeCells,
  type Notebook,
  type Output,
  parseNotebook,
  printNotebook,
  textOf,
} from "../../notebooks/tasks/notebook/nbformat.ts";
import { display, notebookOf, notebookShowing } from "./notebook_of.ts";

const FIGURE = {
  "application/vnd.plotly.v1+json": { data: [], layout: {} },
  "text/html": "<div></div><script>draw()</script>",
  "text/plain": 'Figure "Losses" (3 points)',
};

const problems = (notebook: Notebook) => problemsOf(printNotebook(notebook), "n.ipynb");

Deno.test("normalise() leaves the source of every cell as it is, and is done after once", () => {
  fc.assert(fc.property(fc.array(fc.string()), (sources) => {
    const notebook = notebookOf(...sources);
    const once = normalise(notebook);
    assert.deepEqual(once.cells.map(({ source }) => textOf(source)), sources);
    assert.deepEqual(normalise(once), once);
    assert.deepEqual(problems(once), []);
  }));
});

Deno.test("normalise() counts cells from 1 and sets the metadata", () => {
  const notebook = notebookOf("a", "b");
  Object.assign(notebook, { metadata: { kernelspec: { name: "python3" }, widgets: {} } });
  Object.assign(notebook.cells[1] ?? {}, { execution_count: 17, metadata: { collapsed: true } });
  const result = normalise(notebook);
  assert.deepEqual(codeCells(result).map((cell) => cell.execution_count), [1, 2]);
  assert.deepEqual(result.cells.map(({ metadata }) => metadata), [{}, {}]);
  assert.deepEqual(result.metadata, METADATA);
  assert.deepEqual(result.cells.map(({ id }) => id), ["cell-1", "cell-2"]);
});

Deno.test("normalise() keeps of a figure its picture and its text", () => {
  const result = normalise(notebookShowing(display({ ...FIGURE, "image/png": "aGk=" })));
  assert.deepEqual(codeCells(result)[0]?.outputs, [
    display({ "image/png": "aGk=", "text/plain": [FIGURE["text/plain"]] }),
  ]);
  assert.deepEqual(problems(result), []);
});

Deno.test("normalise() keeps tags, ids, text and small tables, without colours and other metadata", () => {
  const table = "<table><tr><td>1</td></tr></table>";
  const notebook = notebookShowing(
    { output_type: "stream", name: "stdout", text: "\x1b[33ma\x1b[39m\nb" },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["\x1b[31mE\x1b[0m"] },
    { ...display({ "text/html": table, "text/markdown": "*a*" }), metadata: { x: 1 } } as Output,
    display({ "text/html": `${table}<script></script>`, "text/plain": "x" }),
    display({ "text/html": `<table>${"x".repeat(40_000)}</table>`, "text/plain": "x" }),
    display({ "text/html": "<b>no table</b>", "text/plain": "x", "image/svg+xml": "<svg/>" }),
    {
      output_type: "execute_result",
      execution_count: 9,
      data: { "text/plain": "1" },
      metadata: {},
    },
  );
  Object.assign(notebook.cells[0]!, { id: "kept", metadata: { tags: ["a"], trusted: true } });
  const [cell] = codeCells(normalise(notebook));
  assert.equal(cell?.id, "kept");
  assert.deepEqual(cell?.metadata, { tags: ["a"] });
  assert.deepEqual(cell?.outputs, [
    { output_type: "stream", name: "stdout", text: ["a\n", "b"] },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["\x1b[31mE\x1b[0m"] },
    display({ "text/html": [table], "text/markdown": ["*a*"] }),
    display({ "text/plain": ["x"] }),
    display({ "text/plain": ["x"] }),
    display({ "text/plain": ["x"] }),
    {
      output_type: "execute_result",
      execution_count: 1,
      data: { "text/plain": ["1"] },
      metadata: {},
    },
  ]);
});

Deno.test("formatNotebook() formats cells, and says what it cannot read", async () => {
  const text = printNotebook(normalise(notebookOf("const  a = 1")));
  const formatted = await formatNotebook(text);
  assert.match(formatted, /"const a = 1;"/);
  assert.equal(await formatNotebook(formatted), formatted);
  await assert.rejects(formatNotebook("{"), /^SyntaxError: Cannot format the notebook: /);
});

Deno.test("normalise() keeps a picture's alternative text, and no other metadata", () => {
  const output = display({ ...FIGURE, "image/png": "aGk=" });
  const metadata = { "image/png": { alt: "Losses fall.", width: 7 }, "text/html": { isolated: 1 } };
  const [kept] =
    codeCells(normalise(notebookShowing({ ...output, metadata } as never)))[0]!.outputs;
  assert.deepEqual("metadata" in kept! && kept.metadata, { "image/png": { alt: "Losses fall." } });
});

Deno.test("problemsOf() finds figures without picture, errors, counts, size and foreign forms", () => {
  const unpictured = normalise(notebookShowing(display(FIGURE)));
  assert.match(problems(unpictured).join(), /expected an image\/png of the figure, got none/);

  const failed = normalise(
    notebookShowing({ output_type: "error", ename: "TypeError", evalue: "", traceback: [] }),
  );
  assert.match(problems(failed).join(), /expected no error, got TypeError/);

  assert.match(problems(notebookOf("1")).join(), /expected the normalised form of counts/);

  const large = normalise(notebookShowing(display({ "image/png": "A".repeat(200_000) })));
  assert.match(problems(large).join(), /cell 1: expected small outputs, got 200\d\d\d characters/);
  const most = Array.from({ length: 15 }, () => display({ "image/png": "A".repeat(110_000) }));
  assert.match(problems(normalise(notebookShowing(...most))).join(), /expected at most 1500000/);

  const scripted = normalise(notebookOf("1"));
  codeCells(scripted)[0]?.outputs.push(display({ "text/html": "<script>x()</script>" }));
  assert.match(problems(scripted).join(), /expected the normalised form/);
});

Deno.test("problemsOf() knows a figure by its text", () => {
  const problemsWith = (text: string) =>
    problems(normalise(notebookShowing(display({ "text/plain": text }))));
  assert.match(problemsWith("Figure (1 point)").join(), /expected an image\/png/);
  assert.deepEqual(problemsWith("Float32Array(2)"), []);
});

Deno.test("parseNotebook() says what is wrong with a file", () => {
  assert.throws(
    () => parseNotebook("{", "n.ipynb"),
    /^SyntaxError: Cannot read n\.ipynb: expected JSON/,
  );
  assert.throws(
    () => parseNotebook("{}", "n.ipynb"),
    /^TypeError: Cannot read n\.ipynb: expected cells in nbformat 4, got other JSON$/,
  );
  assert.throws(
    () => parseNotebook('{"nbformat":4,"cells":[{"cell_type":"code"}]}', "n"),
    TypeError,
  );
  const withCell = (cell_type: string) =>
    JSON.stringify({ nbformat: 4, cells: [{ cell_type, source: "" }] });
  for (const kind of ["markdown", "raw"]) parseNotebook(withCell(kind), "n");
  assert.throws(() => parseNotebook(withCell("heading"), "n"), TypeError);
});
