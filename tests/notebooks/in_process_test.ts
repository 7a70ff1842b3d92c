/** `Deno.jupyter` of a run without Jupyter: what cells show goes into the notebook. */

import assert from "node:assert/strict";
import { Outputs } from "../../notebooks/tasks/in_process/outputs.ts";
import { type CodeCell, codeCells, type Output } from "../../notebooks/tasks/notebook/nbformat.ts";
import { notebookOf } from "./notebook_of.ts";

/** Outputs of the first of two cells, and what was told on the way. */
function outputsOf(): { outputs: Outputs; cells: CodeCell[]; told: string[] } {
  const told: string[] = [];
  const outputs = new Outputs((text) => told.push(text));
  const cells = codeCells(notebookOf("a", "b"));
  outputs.cell = cells[0];
  return { outputs, cells, told };
}

const texts = (cell?: CodeCell) => cell?.outputs.map((output) => "text" in output && output.text);
const shown = (cell?: CodeCell) => cell?.outputs.map((output) => "data" in output && output.data);
const plain = (text: string) => ({ "text/plain": text });

interface Jupyter {
  display(value: unknown, options?: object): Promise<void>;
  format(value: unknown): Promise<object>;
  md(strings: TemplateStringsArray, ...values: unknown[]): object;
  html(strings: TemplateStringsArray, ...values: unknown[]): object;
  svg(strings: TemplateStringsArray, ...values: unknown[]): object;
}

Deno.test("Outputs joins what one stream printed, and tells it", () => {
  const { outputs, cells, told } = outputsOf();
  outputs.print("stdout", "a\n");
  outputs.print("stdout", "b\n");
  outputs.print("stderr", "!");
  outputs.print("stdout", "c");
  assert.deepEqual(texts(cells[0]), ["a\nb\n", "!", "c"]);
  assert.deepEqual(told, ["a\n", "b\n", "!", "c"]);
});

Deno.test("Outputs updates displays of earlier cells, and adds none for unknown ids", async () => {
  const { outputs, cells, told } = outputsOf();
  await outputs.display(plain("0 %"), { raw: true, display_id: "bar" });
  outputs.cell = cells[1];
  await outputs.display(plain("again"), { raw: true, display_id: "bar" });
  await outputs.display(plain("100 %"), { raw: true, display_id: "bar", update: true });
  await outputs.display(plain("?"), { raw: true, display_id: "unknown", update: true });
  await outputs.display(plain("silent"), { raw: true });
  assert.deepEqual(shown(cells[0]), [plain("100 %")]);
  assert.deepEqual(shown(cells[1]), [plain("100 %"), plain("silent")]);
  assert.deepEqual(told, ["0 %", "again", "100 %", "?"]);
});

Deno.test("Outputs shows a result as what it shows itself as, or as text", async () => {
  const { outputs, cells } = outputsOf();
  Object.assign(cells[0]!, { execution_count: 7 });
  await outputs.result(undefined);
  await outputs.result(null);
  await outputs.result({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>" }) });
  const result = (data: Record<string, unknown>): Output => ({
    output_type: "execute_result",
    execution_count: 7,
    data,
    metadata: {},
  });
  assert.deepEqual(cells[0]?.outputs, [result(plain("null")), result({ "text/html": "<b>" })]);
});

Deno.test("toJupyter() has what shows something in the kernel's interface", async () => {
  const { outputs, cells } = outputsOf();
  const jupyter = outputs.toJupyter() as Jupyter;
  await jupyter.display(jupyter.md`*${1}*`);
  await jupyter.display(jupyter.html`<b>`);
  await jupyter.display(jupyter.svg`<svg/>`);
  assert.deepEqual(shown(cells[0]), [
    { "text/markdown": "*1*" },
    { "text/html": "<b>" },
    { "image/svg+xml": "<svg/>" },
  ]);
  assert.deepEqual(await jupyter.format(1), plain("1"));
});
