import assert from "node:assert/strict";
import { tableBundle } from "../../lib/jupyter/table.ts";
import { parseBody } from "./parsed_html.ts";

const rows = [
  { network: "D", loss: 0.25, steps: 15_000 },
  { network: "<b>G</b>", loss: 0.24713, note: null },
];

Deno.test("tableBundle() aligned text for a terminal", () => {
  assert.equal(
    tableBundle(rows)["text/plain"],
    `network   loss    steps  note
D         0.2500  15000
<b>G</b>  0.2471`,
  );
});

Deno.test("tableBundle() a table for a page, its cells text", () => {
  const body = parseBody(String(tableBundle(rows)["text/html"]));
  const texts = (selector: string) =>
    Array.from(body.querySelectorAll(selector), (cell) => cell.textContent);
  assert.deepEqual(texts("th"), ["network", "loss", "steps", "note"]);
  assert.deepEqual(texts("td"), ["D", "0.2500", "15000", "", "<b>G</b>", "0.2471", "", ""]);
  assert.equal([...body.querySelectorAll("b")].length, 0);
});

Deno.test("tableBundle() no rows", () => {
  assert.equal(tableBundle([])["text/plain"], "");
});
