/** From the kernel's messages to the outputs of cells. */

import assert from "node:assert/strict";
import { CellOutputs, DisplayRegistry } from "../../notebooks/tasks/notebook/outputs.ts";

const stream = (text: string, name = "stdout") => ({ type: "stream", content: { name, text } });
const shown = (type: string, text: string, id?: string) => ({
  type,
  content: { data: { "text/plain": text }, metadata: {}, transient: id ? { display_id: id } : {} },
});

Deno.test("CellOutputs joins what one stream printed", () => {
  const outputs = new CellOutputs(new DisplayRegistry());
  for (const message of [stream("a\n"), stream("b\n"), stream("!", "stderr"), stream("c")]) {
    outputs.add(message);
  }
  assert.deepEqual(outputs.list.map((output) => "text" in output && output.text), [
    "a\nb\n",
    "!",
    "c",
  ]);
});

Deno.test("CellOutputs updates displays of earlier cells, and adds none for unknown ids", () => {
  const displays = new DisplayRegistry();
  const [first, second] = [new CellOutputs(displays), new CellOutputs(displays)];
  first.add(shown("display_data", "0 %", "bar"));
  second.add(shown("update_display_data", "100 %", "bar"));
  second.add(shown("update_display_data", "?", "unknown"));
  assert.deepEqual(first.list.map((output) => "data" in output && output.data), [
    { "text/plain": "100 %" },
  ]);
  assert.deepEqual(second.list, []);
});

Deno.test("CellOutputs clears at once, or with the next output", () => {
  const outputs = new CellOutputs(new DisplayRegistry());
  outputs.add(stream("a"));
  outputs.add({ type: "clear_output", content: { wait: true } });
  assert.equal(outputs.list.length, 1);
  outputs.add(stream("b"));
  assert.deepEqual(outputs.list, [{ output_type: "stream", name: "stdout", text: "b" }]);
  outputs.add({ type: "clear_output", content: { wait: false } });
  assert.deepEqual(outputs.list, []);
});
