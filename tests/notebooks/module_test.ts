/** Notebooks as modules: every line keeps its place, every import and every cell its meaning. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import {
  moduleText,
  positionOf,
  withPlaces,
  writeModule,
} from "../../notebooks/tasks/notebook/module.ts";
import { printNotebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { projectRoot, writeWhole } from "../../notebooks/tasks/paths.ts";
import { notebookOf } from "./notebook_of.ts";

Deno.test("moduleText() and positionOf() lead every line back to its cell", () => {
  const cells = fc.array(fc.array(fc.constantFrom("", "1;", "// note", "f();", "const x = 1;")));
  fc.assert(fc.property(cells, fc.boolean(), (sources, runnable) => {
    const notebook = notebookOf(...sources.map((lines) => lines.join("\n")));
    const text = moduleText(notebook, { runnable });
    const found = text.split("\n").flatMap((line, index) => {
      const position = positionOf(text, index + 1);
      return position ? [{ ...position, text: runnable ? "" : line }] : [];
    });
    const expected = sources.flatMap((lines, index) =>
      lines.join("\n").split("\n").map((text, line) => {
        return { cell: index + 1, line: line + 1, text: runnable ? "" : text };
      })
    );
    // The last cell's place is also that of the end of the module.
    assert.deepEqual(found.slice(0, expected.length), expected);
  }));
});

Deno.test("moduleText() keeps cells apart that have no semicolon at their end", () => {
  const text = moduleText(notebookOf("const xs = [1]\nxs", "[0].length", "(xs)"));
  assert.match(text, /\nxs\n; \/\/ cell 2\n\[0\]\.length\n; \/\/ cell 3\n/);
  assert.doesNotMatch(moduleText(notebookOf("a\r\nb")), /\r/);
});

Deno.test("moduleText() runnable hands over last expressions only", () => {
  const notebook = notebookOf(
    "1;\n2, 3",
    "const a = 4;",
    "if (true) { 5 }",
    "({ b: 6 }) // end",
    "",
  );
  const text = moduleText(notebook, { runnable: true });
  const results = [...text.matchAll(/\.result\(\((.*)\)\)/g)].map(([, result]) => result);
  assert.deepEqual(results, ["2, 3", "({ b: 6 })"]);
  assert.equal(text.match(/\.cell\(/g)?.length, 5);
  assert.match(text, /\)\) \/\/ end\n/);
});

/** Writes files, makes a module of `sub/n.ipynb` and runs it; returns what it printed. */
async function runModule(cell: string, files: Record<string, string>): Promise<string> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "gan-notebooks-test-" }));
  try {
    const notebook = join(root, "sub", "n.ipynb");
    for (const [name, text] of Object.entries({ ...files, "sub/n.ipynb": "" })) {
      await Deno.mkdir(dirname(join(root, name)), { recursive: true });
      await Deno.writeTextFile(join(root, name), text);
    }
    const source = cell.replaceAll("ROOT", pathToFileURL(root).href);
    await Deno.writeTextFile(notebook, printNotebook(notebookOf(source)));
    const { path, config } = await writeModule(notebook, { folder: join(root, "sub", "out") });
    const run = ["run", "-A", "--quiet", "--config", config, path];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: run }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("writeModule() lets every kind of import start from the notebook's folder", async () => {
  const cell =
    `import { a } from "../lib/a.ts"; import { b } from "./b.ts"; import fc from "fast-check";
export * from "./b.ts";
const { a: again } = await import("../lib/a.ts");
const { a: absolute } = await import("ROOT/lib/a.ts");
const deep = (await import("./deep/c.ts")).c;
type A = import("../lib/a.ts").A;
console.log(a, b, typeof fc.assert, again, absolute, deep, "./not/an/import");`;
  const said = await runModule(cell, {
    "lib/a.ts": 'import { base } from "../base.ts"; export const a = base; export type A = 1;',
    "base.ts": "export const base = 1;",
    "sub/b.ts": 'import { a } from "../lib/a.ts"; export const b = a + 1;',
    "sub/deep/c.ts": 'import { b } from "../b.ts"; export const c = b + 1;',
  });
  assert.equal(said, "1 2 function 1 1 3 ./not/an/import\n");
});

Deno.test("writeWhole() makes the folder, and leaves whole files where several write at once", async () => {
  const root = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    const path = join(root, "new", "file");
    const texts = ["a", "b", "c"].map((letter) => letter.repeat(1e6));
    await Promise.all(texts.map((text) => writeWhole(path, text)));
    assert.ok(texts.includes(await Deno.readTextFile(path)));
    assert.deepEqual([...Deno.readDirSync(dirname(path))].map(({ name }) => name), ["file"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("writeModule() has written a large module when it resolves", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    const notebook = join(folder, "n.ipynb");
    await Deno.writeTextFile(notebook, printNotebook(notebookOf(`// ${"x".repeat(2e7)}`)));
    const { path, text } = await writeModule(notebook, { folder: join(folder, "out") });
    assert.equal((await Deno.stat(path)).size, text.length);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeModule() pins packages with a copy of the lock file, to which Deno may add lines", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    const notebook = join(projectRoot, "tests", "fixtures", "notebooks", "sample.ipynb");
    const { config } = await writeModule(notebook, { folder });
    assert.equal(JSON.parse(await Deno.readTextFile(config)).lock, undefined); // the one beside it
    const [copy, own] = await Promise.all(
      [dirname(config), projectRoot].map((place) => Deno.readTextFile(join(place, "deno.lock"))),
    );
    assert.equal(copy, own);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("withPlaces() names cells and lines in messages of tools", () => {
  const path = join(projectRoot, "n.tsx");
  const text = moduleText(notebookOf("1\n2", "3"));
  const modules = [{ name: "n.ipynb", path, config: "", text }];
  const url = pathToFileURL(path).href;
  assert.equal(withPlaces(`at ${url}:3:7)`, modules), "at n.ipynb cell 1 line 2)");
  assert.equal(withPlaces(`${url}: line 5, col 2 - bad`, modules), "n.ipynb cell 2 line 1 - bad");
  assert.equal(withPlaces(`at ${url}:4:1`, modules), `at ${url}:4:1`);
  assert.equal(withPlaces("at file:///other.ts:3:7", modules), "at file:///other.ts:3:7");
});
