/** The committed form of notebooks. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { isFigure, normalise, problemsOf } from "../../notebooks/tasks/commit/normalise.ts";
import { pictureOf } from "../../notebooks/tasks/commit/pictures.ts";
import {
  codeCells,
  type Notebook,
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
  assert.equal((result.metadata.kernelspec as { name: string }).name, "deno");
  assert.equal("widgets" in result.metadata, false);
});

Deno.test("normalise() keeps of a figure its picture and its text", () => {
  const result = normalise(notebookShowing(display({ ...FIGURE, "image/png": "aGk=" })));
  assert.deepEqual(codeCells(result)[0]?.outputs, [
    display({ "image/png": "aGk=", "text/plain": [FIGURE["text/plain"]] }),
  ]);
  assert.deepEqual(problems(result), []);
});

Deno.test("pictureOf() is white paper with the last frame and without buttons", () => {
  const { figure, size } = pictureOf({
    "application/vnd.plotly.v1+json": {
      data: [{ type: "image", name: "digits", source: "first" }, { y: [1] }],
      layout: { height: 500, title: { text: "Digits" }, sliders: [{}], updatemenus: [{}] },
      frames: [{ data: [{ source: "first" }] }, { data: [{ source: "last" }] }],
    },
  });
  assert.deepEqual(figure.data, [{ type: "image", name: "digits", source: "last" }, { y: [1] }]);
  assert.deepEqual(figure.layout, {
    paper_bgcolor: "#fff",
    plot_bgcolor: "#fff",
    height: 500,
    title: { text: "Digits" },
    sliders: [{}],
  });
  assert.deepEqual(size, { width: 700, height: 500, scale: 1 });
});

Deno.test("problemsOf() finds figures without picture, errors, counts, size and foreign forms", () => {
  const unpictured = normalise(notebookShowing(display(FIGURE)));
  assert.match(problems(unpictured).join(), /expected an image\/png of the figure, got none/);

  const failed = normalise(
    notebookShowing({ output_type: "error", ename: "TypeError", evalue: "", traceback: [] }),
  );
  assert.match(problems(failed).join(), /expected no error, got TypeError/);

  assert.match(problems(notebookOf("1")).join(), /expected the execution count 1, got null/);

  const large = normalise(notebookShowing(display({ "image/png": "A".repeat(200_000) })));
  assert.match(problems(large).join(), /expected small outputs/);

  const scripted = normalise(notebookOf("1"));
  codeCells(scripted)[0]?.outputs.push(display({ "text/html": "<script>x()</script>" }));
  assert.match(problems(scripted).join(), /expected the normalised form/);
});

Deno.test("isFigure() knows a figure by its JSON or by its text", () => {
  assert.equal(isFigure(FIGURE), true);
  assert.equal(isFigure({ "text/plain": ["Figure (1 point)"] }), true);
  assert.equal(isFigure({ "text/plain": "Float32Array(2)" }), false);
});

Deno.test("parseNotebook() says what is wrong with a file", () => {
  assert.throws(
    () => parseNotebook("{", "n.ipynb"),
    /^SyntaxError: Cannot read n\.ipynb: expected JSON/,
  );
  assert.throws(
    () => parseNotebook("{}", "n.ipynb"),
    /^TypeError: Cannot read n\.ipynb: expected a note/,
  );
  assert.throws(
    () => parseNotebook('{"nbformat":4,"cells":[{"cell_type":"code"}]}', "n"),
    TypeError,
  );
});
