/** Notebooks as modules: every line keeps its place, every cell its meaning. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { extract } from "../../notebooks/tasks/notebook/extract.ts";
import { notebookOf } from "./notebook_of.ts";

Deno.test("extract() leads every line back to its cell", () => {
  const cells = fc.array(fc.array(fc.constantFrom("", "1;", "// note", "f();", "const x = 1;")));
  fc.assert(fc.property(cells, (sources) => {
    const { text, positionOf } = extract(notebookOf(...sources.map((lines) => lines.join("\n"))));
    const found = text.split("\n").flatMap((line, index) => {
      const position = positionOf(index + 1);
      return position ? [{ ...position, line: position.line, text: line }] : [];
    });
    const expected = sources.flatMap((lines, index) =>
      lines.join("\n").split("\n").map((text, line) => ({ cell: index + 1, line: line + 1, text }))
    );
    assert.deepEqual(found, expected);
  }));
});

Deno.test("extract() lets relative imports start from the notebook's folder", () => {
  const notebook = notebookOf(
    'import { a } from "../lib/a.ts";\nimport plotly from "plotly";\nexport * from "./b.ts";',
    'const c = await import("./c.ts");\ntype D = import("../d.ts").D;\nconst text = "./not/an/import";',
  );
  const { text } = extract(notebook, { toNotebook: "../.." });
  const strings = [...text.matchAll(/"([^"]*)"/g)].map(([, string]) => string);
  assert.deepEqual(strings, [
    "../../../lib/a.ts",
    "plotly",
    "../../b.ts",
    "../../c.ts",
    "../../../d.ts",
    "./not/an/import",
  ]);
});

Deno.test("extract() keeps cells apart that have no semicolon at their end", () => {
  const { text } = extract(notebookOf("const xs = [1]\nxs", "[0].length", "(xs)"));
  assert.match(text, /^xs;$/m);
  assert.match(text, /^\[0\]\.length;$/m);
});

Deno.test("extract() runnable hands over last expressions only", () => {
  const notebook = notebookOf("1;\n2, 3", "const a = 4;", "if (true) { 5 }", "({ b: 6 })");
  const { text } = extract(notebook, { runnable: true });
  const results = [...text.matchAll(/\.result\(\((.*)\)\)/g)].map(([, result]) => result);
  assert.deepEqual(results, ["2, 3", "({ b: 6 })"]);
  assert.equal(text.match(/\.cell\(/g)?.length, 4);
});
