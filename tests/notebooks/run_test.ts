/** Notebooks run from top to bottom, in the kernel and without Jupyter; a cell that throws makes the run fail. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Jupyter } from "../../notebooks/tasks/jupyter/mod.ts";
import {
  codeCells,
  parseNotebook,
  printNotebook,
  withoutAnsi,
} from "../../notebooks/tasks/notebook/nbformat.ts";
import { lineOfError } from "../../notebooks/tasks/run/locate.ts";
import { finalText } from "../../notebooks/tasks/run/run_cells.ts";
import {
  executeNotebook,
  failureText,
  runNotebook,
} from "../../notebooks/tasks/run/run_notebook.ts";
import { main } from "../../notebooks/tasks/run.ts";
import { notebookOf } from "./notebook_of.ts";
import { jupyterTest } from "./with_jupyter.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/notebooks/${name}.ipynb`, import.meta.url));

function recorder() {
  const lines: string[] = [];
  return { lines, log: { line: (text: string) => void lines.push(text) } };
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a run of the sample must give, however it is run. */
async function checkSample(jupyter: Jupyter | undefined): Promise<void> {
  const { notebook, failure } = await executeNotebook(fixture("sample"), {
    jupyter,
    ...recorder(),
  });
  assert.equal(failure, undefined);
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
  assert.equal(withoutAnsi(finalText(notebook)), "[ 1, 0, 1, 0 ]");
}

/** A throwing cell, a syntax error: the run fails and names the place. */
async function checkFailures(jupyter: Jupyter | undefined): Promise<void> {
  for (
    const [name, place] of [["throws", /cell 2 line 3 failed/], ["syntax_error", /cell 2 line 2/]]
  ) {
    const { log, lines } = recorder();
    await inFolder(async (folder) => {
      const path = fixture(String(name));
      assert.equal(await runNotebook(path, { jupyter, log, folder }), false);
      const saved = await Deno.readTextFile(join(folder, `${name}.ipynb`));
      assert.match(saved, /"output_type": "error"/);
    });
    assert.match(lines.join("\n"), place as RegExp);
    assert.doesNotMatch(lines.join("\n"), /never/);
  }
}

/** A cell that ends the process is a failure of that cell. */
async function checkExit(jupyter: Jupyter | undefined): Promise<void> {
  await inFolder(async (folder) => {
    const path = join(folder, "exits.ipynb");
    await Deno.writeTextFile(path, printNotebook(notebookOf("1", "Deno.exit(3)", "2")));
    const { log, lines } = recorder();
    assert.equal(await runNotebook(path, { jupyter, log, folder }), false);
    assert.match(lines.join("\n"), /cell 2 failed\n {2}Error: Cannot go on with the /);
  });
}

jupyterTest("runNotebook() names the cell that ended the kernel", checkExit);
Deno.test("runNotebook() names the cell that ended the process", () => checkExit(undefined));
jupyterTest("executeNotebook() in the kernel keeps every output", checkSample);
Deno.test("executeNotebook() without Jupyter keeps every output", () => checkSample(undefined));
jupyterTest("runNotebook() in the kernel fails where a cell throws", checkFailures);
Deno.test("runNotebook() without Jupyter fails where a cell throws", () =>
  checkFailures(undefined));

Deno.test("main() ends with 1 after a failure, saves notebook and page, and prints the last value", () =>
  inFolder(async (folder) => {
    const { log, lines } = recorder();
    const args = ["--in-process", fixture("sample"), fixture("throws")];
    assert.equal(await main(args, { log, folder }), 1);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["sample.html", "sample.ipynb", "throws.html", "throws.ipynb"]);
    assert.match(lines.join("\n"), /Its last value:\n {2}\[ 1, 0, 1, 0 \]/);
    assert.match(lines.join("\n"), /1 of 2 notebooks ran/);
    const saved = parseNotebook(await Deno.readTextFile(join(folder, "sample.ipynb")), "sample");
    assert.equal(saved.cells.length, 10);
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

jupyterTest("Ctrl-C ends the run and the kernel", async () => {
  await inFolder(async (folder) => {
    const pidFile = join(folder, "pid");
    const code = `Deno.writeTextFileSync(${JSON.stringify(pidFile)}, String(Deno.pid));\n` +
      "await new Promise((resolve) => setTimeout(resolve, 600_000));";
    const cell = {
      cell_type: "code",
      execution_count: null,
      metadata: {},
      source: code,
      outputs: [],
    };
    const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
    const path = join(folder, "endless.ipynb");
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    const script = fileURLToPath(new URL("../../notebooks/tasks/run.ts", import.meta.url));
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const run = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", config, script, path],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const said = new Response(run.stderr).text();
    const pid = await untilWritten(pidFile);
    run.kill("SIGINT");
    assert.equal((await run.status).code, 130);
    assert.match(await said, /Stopped; the kernel is ended/);
    assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
  });
});

/** Reads a number from a file once it is there. */
async function untilWritten(path: string): Promise<number> {
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== "") return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test("failureText() names cell, line, source and error once", () => {
  const error = {
    output_type: "error" as const,
    ename: "RangeError",
    evalue: "too far",
    traceback: ["Stack trace:", "RangeError: too far", "    at <anonymous>:1:7"],
  };
  const text = failureText("n.ipynb", { cell: 3, line: { number: 2, text: "go();" }, error });
  assert.equal(text, "n.ipynb cell 3 line 2 failed\n  go();\n  RangeError: too far");
});

Deno.test("lineOfError() finds the line behind types, comments and imports", async () => {
  const code =
    'import type { Data } from "x";\nimport { a,\n  b } from "y";\n\ninterface T {\n  z: 1;\n}\n' +
    "// then\nconst o = { a: 1 };\nthrow new Error(`${o}`);";
  // What the kernel's JavaScript has: the import, the comment, three lines of the object, the throw.
  const traceback = ["Stack trace:", "Error: x", "    at <anonymous>:6:7"];
  const error = { output_type: "error" as const, ename: "Error", evalue: "x", traceback };
  assert.equal(await lineOfError(code, error), 10);
});
