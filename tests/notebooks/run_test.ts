/** Notebooks run from top to bottom, in the kernel and without Jupyter; a cell that throws makes the run fail. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import {
  codeCells,
  type Notebook,
  parseNotebook,
  printNotebook,
  readNotebook,
} from "../../notebooks/tasks/notebook/nbformat.ts";
import { checkWritable, findNotebooks } from "../../notebooks/tasks/paths.ts";
import { explain, failureText } from "../../notebooks/tasks/run/failure.ts";
import { finalText, runNotebook } from "../../notebooks/tasks/run/run_notebook.ts";
import type { Failure } from "../../notebooks/tasks/run/runner.ts";
import { main } from "../../notebooks/tasks/run.ts";
import { exportPage } from "./export_page.ts";
import { display, notebookOf, notebookShowing } from "./notebook_of.ts";
import { jupyterTest } from "./with_jupyter.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/notebooks/${name}.ipynb`, import.meta.url));

function recorder() {
  const lines: string[] = [];
  return { lines, log: (text: string) => void lines.push(text) };
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a notebook's file; returns what was saved and said. */
async function run(
  path: string,
  { jupyter }: { readonly jupyter: Jupyter | undefined },
): Promise<{ notebook: Notebook; success: boolean; said: string; names: string[] }> {
  const { log, lines } = recorder();
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    const success = await runNotebook(path, { jupyter, log, folder });
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const notebook = await readNotebook(join(folder, names.at(-1)!));
    return { notebook, success, said: lines.join("\n"), names };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a run of the sample must give, however it is run. */
async function checkSample(jupyter: Jupyter | undefined): Promise<void> {
  const { notebook, success, said, names } = await run(fixture("sample"), { jupyter });
  assert.equal(success, true);
  assert.deepEqual(names, jupyter ? ["sample.html", "sample.ipynb"] : ["sample.ipynb"]);
  assert.match(said, jupyter ? /\.ipynb and \S+sample\.html$/ : /ipynb; its page needs Jupyter$/);
  const kind = jupyter ? `in the kernel of Deno ${Deno.version.deno}` : "without Jupyter";
  const name = join("tests", "fixtures", "notebooks", "sample.ipynb");
  assert.equal(said.split("\n")[0], `${name}, ${kind}`);
  assert.match(said, / {2}cell 4 of 6 +\d+\.\d s {2}3 of 3\n/);
  assert.match(said, / {2}cell 4 of 6 +\d+\.\d s {2}A live display\n/);
  assert.match(said, /Its last value:\n {2}\[ 1, 0, 1, 0 \]\n/);
  const cells = codeCells(notebook);
  assert.deepEqual(cells.map((cell) => cell.execution_count), [1, 2, 3, 4, 5, 6]);
  // Sorted: the kernel sends what a cell prints and its result on ways of their own, in either order.
  const kinds = cells.map(({ outputs }) =>
    outputs.map((output) => output.output_type).sort().join()
  );
  assert.deepEqual(kinds, [
    "stream",
    "execute_result",
    "execute_result,stream",
    "display_data",
    "execute_result",
    "execute_result",
  ]);
  assert.match(JSON.stringify(cells[3]?.outputs), /"3 of 3"/);
  assert.match(JSON.stringify(cells[4]?.outputs), /vnd\.plotly.*"title":\{"text":"Squares"\}/);
  assert.equal(finalText(notebook), "[ 1, 0, 1, 0 ]");
}

/** A throwing cell, a syntax error: the run fails and names the place. */
async function checkFailures(jupyter: Jupyter | undefined): Promise<void> {
  for (
    const [name, place] of [["throws", /cell 2 line 3 failed/], ["syntax_error", /cell 2 line 2/]]
  ) {
    const { notebook, success, said } = await run(fixture(String(name)), { jupyter });
    assert.equal(success, false);
    const kinds = codeCells(notebook)[1]?.outputs.map((output) => output.output_type);
    assert.deepEqual(kinds, ["error"]);
    assert.match(said, place as RegExp);
    if (name === "throws") assert.match(said, / {2}cell 2 of 3 +\d+\.\d s {2}\S.*FAILED\n/);
    assert.doesNotMatch(said, /never|Its last value/);
  }
}

/** A cell that ends the process is a failure of that cell. */
async function checkExit(jupyter: Jupyter | undefined): Promise<void> {
  await inFolder(async (folder) => {
    const path = join(folder, "exits.ipynb");
    await Deno.writeTextFile(path, printNotebook(notebookOf("1", "Deno.exit(3)", "2")));
    const { notebook, success, said } = await run(path, { jupyter });
    assert.equal(success, false);
    assert.match(
      said,
      /cell 2 failed\n {2}(Kernel)?Error: Cannot go on with the \w+: its process ended with (status )?3\.?\n/,
    );
    const counts = codeCells(notebook).map(({ execution_count }) => execution_count !== null);
    assert.deepEqual(counts.slice(0, 1).concat(counts.slice(2)), [true, false]);
  });
}

/** Uncaught errors of timers and promises, and a second run of the notebook that they end. */
Deno.test("runNotebook() without Jupyter fails where nobody catches", () =>
  inFolder(async (folder) => {
    const wait = "await new Promise((resolve) => setTimeout(resolve, 120_000));"; // the error ends it
    const causes = [
      'setTimeout(() => { throw new Error("late", { cause: "this" }); });',
      'Promise.reject(new Error("late", { cause: "this" }));',
      'await (async () => { throw new Error("late", { cause: "this" }); })();',
    ];
    for (const cause of causes) {
      const path = join(folder, "late.ipynb");
      await Deno.writeTextFile(path, printNotebook(notebookOf("1", `${cause}\n${wait}`, "2")));
      const { said, notebook } = await run(path, { jupyter: undefined });
      assert.match(said, /late\.ipynb cell 2 line 1 failed\n.*\n {2}Error: late/);
      assert.match(printNotebook(notebook), /Caused by \\"this\\"/);
      assert.doesNotMatch(said, /worker\.ts/);
      assert.deepEqual(codeCells(notebook).map(({ outputs }) => outputs.length), [1, 1, 0]);
    }
    await Deno.writeTextFile(join(folder, "late.ipynb"), printNotebook(notebookOf('throw "text"')));
    const { said } = await run(join(folder, "late.ipynb"), { jupyter: undefined });
    assert.match(said, /late\.ipynb cell 1 failed\n {2}Uncaught: "text"/);
  }));

Deno.test("runNotebook() without Jupyter keeps a cell's own writing apart", () =>
  inFolder(async (folder) => {
    const path = join(folder, "raw.ipynb");
    const code = 'Deno.stdout.writeSync(new TextEncoder().encode("raw"));\nconsole.log("kept");';
    await Deno.writeTextFile(path, printNotebook(notebookOf(code)));
    const { notebook } = await run(path, { jupyter: undefined });
    assert.deepEqual(codeCells(notebook)[0]?.outputs, [
      { output_type: "stream", name: "stdout", text: "kept\n" },
    ]);
  }));

jupyterTest("runNotebook() names the cell that ended the kernel", checkExit);
Deno.test("runNotebook() names the cell that ended the process", () => checkExit(undefined));
jupyterTest("runNotebook() in the kernel keeps every output", checkSample);
Deno.test("runNotebook() without Jupyter keeps every output", () => checkSample(undefined));
jupyterTest("runNotebook() in the kernel fails where a cell throws", checkFailures);
Deno.test("runNotebook() without Jupyter fails where a cell throws", () =>
  checkFailures(undefined));

jupyterTest("two runs at once save the same", (jupyter) =>
  inFolder(async (folder) => {
    const { log } = recorder();
    const runs = [1, 2].map(() => runNotebook(fixture("sample"), { jupyter, log, folder }));
    assert.deepEqual(await Promise.all(runs), [true, true]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["sample.html", "sample.ipynb"]);
    const saved = await readNotebook(join(folder, names[1]!));
    assert.equal(finalText(saved), "[ 1, 0, 1, 0 ]");
    const today = new Date().toISOString().slice(0, 10);
    assert.match(
      await Deno.readTextFile(join(folder, names[0]!)),
      new RegExp(`sample\\.ipynb, run in the kernel of Deno [\\d.]+ on ${today}\\.</footer>`),
    );
  }));

jupyterTest(
  "exportPage() makes the page of a notebook that was run elsewhere",
  (jupyter) =>
    inFolder(async (folder) => {
      const path = join(folder, "n.ipynb");
      const figure = { "application/vnd.plotly.v1+json": { data: [], layout: {} } };
      await Deno.writeTextFile(path, printNotebook(notebookShowing(display(figure))));
      const page = join(folder, "n.html");
      await exportPage(path, { jupyter, page });
      const html = await Deno.readTextFile(page);
      assert.match(html, /<title>n<\/title>/);
      assert.match(html, /loadPlotly/);
      assert.equal([...Deno.readDirSync(folder)].length, 2);
    }),
);

Deno.test("main() ends with 1 after a failure, saves notebooks, and prints the last value", () =>
  inFolder(async (folder) => {
    const { log, lines } = recorder();
    const args = ["--in-process", fixture("sample"), fixture("throws")];
    assert.equal(await main(args, { log, folder }), 1);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["sample.ipynb", "throws.ipynb"]);
    assert.match(lines.join("\n"), /Its last value:\n {2}\[ 1, 0, 1, 0 \]/);
    assert.equal(lines.at(-1), "1 of 2 notebooks ran.");
    const saved = parseNotebook(await Deno.readTextFile(join(folder, "sample.ipynb")), "sample");
    assert.equal(saved.cells.length, 10);
    assert.equal(await main(["--in-process", fixture("sample")], { log, folder }), 0);
    assert.notEqual(lines.at(-1), "1 of 1 notebooks ran.");
  }));

Deno.test("main() gives cells the preset", () =>
  inFolder(async (folder) => {
    const { log, lines } = recorder();
    const path = join(folder, "preset.ipynb");
    await Deno.writeTextFile(path, printNotebook(notebookOf('Deno.env.get("GAN_PRESET")')));
    const before = Deno.env.get("GAN_PRESET");
    await main([path, "--in-process", "--preset", "seconds"], { log, folder });
    if (before === undefined) Deno.env.delete("GAN_PRESET");
    else Deno.env.set("GAN_PRESET", before);
    assert.match(lines.join("\n"), /Its last value:\n {2}"seconds"/);
  }));

Deno.test("main() names what it cannot run", async () => {
  const { log } = recorder();
  await assert.rejects(
    main(["no_such"], { log }),
    /^TaskError: Cannot run no_such: expected one of /,
  );
  await assert.rejects(
    main(["--fast"], { log }),
    /^TaskError: Cannot run notebooks: expected names, --preset or --in-process/,
  );
});

Deno.test("main() checks the folder of results before anything runs", () =>
  inFolder(async (folder) => {
    const { log, lines } = recorder();
    const path = join(folder, "n.ipynb");
    await Deno.writeTextFile(path, printNotebook(notebookOf("1")));
    const taken = join(folder, "file");
    await Deno.writeTextFile(taken, "");
    await Deno.mkdir(join(folder, "out", "n.html"), { recursive: true });
    for (const out of [taken, join(folder, "out")]) {
      await assert.rejects(
        main([path, "--in-process"], { log, folder: out }),
        /^TaskError: Cannot save results in .*: expected a folder to write in, got "/,
      );
    }
    assert.deepEqual(lines, []);
    await checkWritable(join(folder, "new", "deep"), [join(folder, "new", "deep", "n.html")]);
    assert.deepEqual([...Deno.readDirSync(join(folder, "new", "deep"))], []);
  }));

Deno.test("findNotebooks() takes numbers, names and paths, and all without a name", () =>
  inFolder(async (folder) => {
    await assert.rejects(
      findNotebooks([], folder),
      /^TaskError: Cannot run notebooks: expected \*\.i/,
    );
    const names = ["02_b.ipynb", "01_a.ipynb", "01_a_more.ipynb", "note.txt"];
    for (const name of names) await Deno.writeTextFile(join(folder, name), "{}");
    await Deno.mkdir(join(folder, "00_folder.ipynb"));
    const path = (name: string) => join(folder, `${name}.ipynb`);
    assert.deepEqual(await findNotebooks([], folder), ["01_a", "01_a_more", "02_b"].map(path));
    assert.deepEqual(await findNotebooks(["02", "01_a", "01_a_more.ipynb"], folder), [
      path("02_b"),
      path("01_a"),
      path("01_a_more"),
    ]);
    assert.deepEqual(await findNotebooks([fixture("sample")], folder), [fixture("sample")]);
    await assert.rejects(
      findNotebooks(["0"], folder),
      /Cannot run 0: expected one of 01_a, 01_a_m/,
    );
    await assert.rejects(findNotebooks([path("00_folder")], folder), /expected one of 01_a, /);
  }));

const failed = (cell: number, error: Partial<Failure["error"]>): Failure => ({
  cell,
  error: { output_type: "error", ename: "Error", evalue: "", traceback: [], ...error },
});

Deno.test("failureText() names cell, line, source and error once", async () => {
  const notebook = notebookOf("1", "const a = ;\n2", "let x: number;\n  throw 1;");
  const text = (failure: Failure) => failureText(notebook, { name: "n.ipynb", failure });
  const error = {
    ename: "RangeError",
    evalue: "too far",
    traceback: ["Stack trace:", "\x1b[31mRangeError: too far\x1b[0m", "    at <anonymous>:2:7"],
  };
  assert.equal(
    await text({ ...failed(3, error), line: 2 }),
    "n.ipynb cell 3 line 2 failed\n  throw 1;\n  RangeError: too far",
  );
  const short = { ...error, traceback: ["Stack trace:", "    at <anonymous>:2:7"] };
  assert.equal(
    await text({ ...failed(3, short), line: 9 }),
    "n.ipynb cell 3 line 9 failed\n  RangeError: too far\n      at <anonymous>:2:7",
  );
  assert.equal(
    await text(failed(2, {})),
    "n.ipynb cell 2 line 1 failed\n  const a = ;\n  SyntaxError: Expression expected",
  );
  assert.equal(await text(failed(1, { evalue: "Error" })), "n.ipynb cell 1 failed\n  Error");
});

Deno.test("finalText() is the last value with text, and what was printed since", () => {
  const result = (data: Record<string, unknown>) =>
    ({ output_type: "execute_result", execution_count: 1, data, metadata: {} }) as const;
  const print = (text: string) => ({ output_type: "stream", name: "stdout", text }) as const;
  const of = (...outputs: Parameters<typeof notebookShowing>) =>
    finalText(notebookShowing(...outputs));
  const [one, two] = ["1", ["2\n", "3"]].map((text) => result({ "text/plain": text }));
  assert.equal(
    of(print("a"), one!, print("b\n"), two!, print("c\n"), display({}), print(" ")),
    "2\n3\nc",
  );
  assert.equal(of(print("a\n"), print("b\n")), "a\nb");
  assert.equal(of(one!, result({ "image/png": "" })), "1");
  assert.equal(of(), "");
});

Deno.test("explain() finds a syntax error and its line, and keeps what the kernel tells", async () => {
  const code = "const a = 1;\nconst b = ;";
  const syntax = { ename: "SyntaxError", evalue: "Expression expected" };
  assert.deepEqual(await explain(code, failed(1, {})), { ...failed(1, syntax), line: 2 });
  const told = failed(1, { evalue: "told", traceback: ["    at file:///repl.tsx:2:11"] });
  assert.deepEqual(await explain(code, told), { ...told, line: 2 });
  assert.deepEqual(await explain("const a: number = <b>1</b>;", failed(1, {})), failed(1, {}));
});

Deno.test("explain() finds the line behind types, comments and imports", async () => {
  const code =
    'import type { Data } from "x";\nimport { a,\n  b } from "y";\n\ninterface T {\n  z: 1;\n}\n' +
    "// then\nconst o = { a: 1 };\nthrow new Error(`${o}`);";
  // What the kernel's JavaScript has: the import, the comment, three lines of the object, the throw.
  const traceback = ["Stack trace:", "Error: x", "    at <anonymous>:6:7"];
  assert.equal((await explain(code, failed(1, { evalue: "x", traceback }))).line, 10);
});

Deno.test("explain() knows when it cannot tell", async () => {
  const failure = failed(1, { traceback: ["    at ext:core/01.js:1:1"] });
  assert.deepEqual(await explain("1", failure), failure);
});
