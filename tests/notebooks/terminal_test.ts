/** What a person sees of a run. */

import assert from "node:assert/strict";
import type { Notebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { liveLine, progressOf } from "../../notebooks/tasks/run/progress.ts";
import type { RunEvent } from "../../notebooks/tasks/run/runner.ts";
import { clip, terminalLog } from "../../notebooks/tasks/terminal.ts";
import { notebookOf } from "./notebook_of.ts";

Deno.test("terminalLog() rewrites passing lines in a terminal", () => {
  let written = "";
  const write = (text: string) => void (written += text);
  const line = terminalLog({ write, isTerminal: true, columns: () => 10 });
  line("a passing line", true);
  line("then");
  line("stays");
  assert.equal(written, "a passin…\r\x1b[Kthen\nstays\n");
});

Deno.test("terminalLog() leaves passing lines out of a file, but for one in five seconds", () => {
  let written = "";
  let time = 0;
  const write = (text: string) => void (written += text);
  const line = terminalLog({ write, isTerminal: false, now: () => time });
  line("passing", true);
  line("stays");
  time = 4999;
  line("passing", true);
  time = 5000;
  line("long", true);
  time = 9000;
  line("passing", true);
  assert.equal(written, "stays\nlong\n");
});

Deno.test("clip() cuts by characters and takes the first line", () => {
  assert.equal(clip("one\ntwo", 10), "one");
  assert.equal(clip("one", 3), "one");
  assert.equal(clip("🙂🙂🙂🙂", 3), "🙂🙂…");
});

Deno.test("liveLine() is the last line, without colours and bars", () => {
  assert.equal(liveLine("a\nb\n"), "b");
  assert.equal(liveLine("[##--] \x1b[33m45 %\x1b[39m"), "45 %");
  assert.equal(liveLine("\n"), "");
});

Deno.test("progressOf() tells cell, heading or code, seconds and what the cell tells", () => {
  const notebook: Notebook = notebookOf("// note\n\nf();", "g();", "h();");
  const text = { cell_type: "markdown", metadata: {}, source: "words\n## Title `x`\n" } as const;
  notebook.cells.splice(1, 0, text);
  notebook.cells.splice(3, 0, { ...text, source: "no heading" });
  const lines: string[] = [];
  let time = 0;
  const line = (text: string, replaces = false) => void lines.push(`${replaces ? "~" : ""}${text}`);
  const listen = progressOf(notebook, line, () => time);
  const error = {
    output_type: "error",
    ename: "E",
    evalue: "",
    traceback: [] as string[],
  } as const;
  const events: RunEvent[] = [
    { event: "alive" },
    { event: "cell", cell: 1 },
    { event: "live", text: "10 %" },
    { event: "live", text: "\n" },
    { event: "alive" },
    { event: "ran", failure: null },
    { event: "alive" },
    { event: "cell", cell: 2 },
    { event: "ran", failure: { cell: 2, error } },
    { event: "cell", cell: 3 },
  ];
  for (const event of events) {
    listen(event);
    time += 500;
  }
  assert.deepEqual(lines, [
    "~  cell 1 of 3    0.0 s  f();",
    "~  cell 1 of 3    0.5 s  10 %",
    "~  cell 1 of 3    1.0 s  10 %",
    "~  cell 1 of 3    1.5 s  10 %",
    "  cell 1 of 3    2.0 s  f();",
    "~  cell 2 of 3    0.0 s  Title `x`",
    "  cell 2 of 3    0.5 s  Title `x`  FAILED",
    "~  cell 3 of 3    0.0 s  h();",
  ]);
});

/** Runs a task whose main function is this code, until it ends. */
async function runTask(
  code: string,
  { signals = [], options = "{}" }: { signals?: Deno.Signal[]; options?: string } = {},
): Promise<{ code: number; said: string }> {
  const errors = new URL("../../notebooks/tasks/errors.ts", import.meta.url).href;
  const script = `import { runTask, TaskError } from ${JSON.stringify(errors)};
    await runTask(async (stop) => { ${code} }, ${options});`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", script],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  const [reader] = [child.stdout.getReader()];
  if (signals.length > 0) await reader.read(); // it says that it listens
  for (const signal of signals) child.kill(signal);
  const { code: status } = await child.status;
  await reader.cancel();
  return { code: status, said: await said };
}

Deno.test("runTask() ends with the status, or with the sentence of an error for people", async () => {
  assert.deepEqual(await runTask("return 3;"), { code: 3, said: "" });
  assert.deepEqual(await runTask(""), { code: 0, said: "" });
  assert.deepEqual(await runTask('throw new TaskError("Cannot go on.");'), {
    code: 1,
    said: "Cannot go on.\n",
  });
  const bug = await runTask('throw new TypeError("our bug");');
  assert.equal(bug.code, 1);
  assert.match(bug.said, /TypeError: our bug[^]*errors\.ts/);
});

const posixOnly = { ignore: Deno.build.os === "windows" };

Deno.test("runTask() stops at a signal, also where the task does not", posixOnly, async () => {
  const endless = 'console.log("listens"); await new Promise((r) => setTimeout(r, 600_000));';
  const stops = 'console.log("listens"); const { promise, reject } = Promise.withResolvers(); ' +
    "const wait = setTimeout(() => {}, 1e6); " +
    'stop.addEventListener("abort", () => reject(stop.reason)); await promise;';
  const words = "Stopped; no kernel is left.\n";
  assert.deepEqual(await runTask(endless, { signals: ["SIGTERM"] }), { code: 143, said: words });
  assert.deepEqual(await runTask(stops, { signals: ["SIGHUP"] }), { code: 129, said: words });
  const left = {
    signals: ["SIGINT", "SIGTERM"] as Deno.Signal[],
    options: "{ leaveInterrupt: true }",
  };
  assert.deepEqual(await runTask(stops, left), { code: 143, said: words });
});

Deno.test("terminalLog() says that nobody reads any more", posixOnly, async () => {
  const terminal = new URL("../../notebooks/tasks/terminal.ts", import.meta.url).href;
  const script = `import { terminalLog } from ${JSON.stringify(terminal)};
    try { for (;;) terminalLog()("a"); } catch (error) { console.log(String(error)); }`;
  const command = '"$0" eval --no-config "$1" 2>&1 >&3 | true';
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `exec 3>&1; ${command}`, Deno.execPath(), script],
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(
    said,
    "TaskError: Cannot go on: what reads the progress has ended (a broken pipe).\n",
  );
});
