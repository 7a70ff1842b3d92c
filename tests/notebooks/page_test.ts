/** The page of a notebook: what a cell printed is text, figures are there once plotly.js is. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { escapeHtml, scriptJson, withoutScripts } from "../../notebooks/tasks/page/escape.ts";
import { pageHtml } from "../../notebooks/tasks/page/page.ts";
import { readPlotly } from "../../notebooks/tasks/page/plotly_source.ts";
import { display, notebookOf, notebookShowing } from "./notebook_of.ts";

const options = { plotly: "/* plotly */", name: "sample" };

Deno.test("escapeHtml() gives back any text through a parser", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const { document } = parseHTML(`<p title="${escapeHtml(text)}">${escapeHtml(text)}</p>`);
    assert.equal(document.querySelector("p")?.textContent, text);
  }));
});

Deno.test("scriptJson() never ends its script", () => {
  const hostile = { title: "</script><img src=x onerror=alert(1)><!--" };
  assert.doesNotMatch(scriptJson(hostile), /</);
  assert.deepEqual(JSON.parse(scriptJson(hostile)), hostile);
});

Deno.test("withoutScripts() keeps markup and drops what runs", () => {
  const html = withoutScripts(
    '<b onclick="x()">bold</b><script>x()</script><a href="javascript:x()">a</a><img src="p.png">',
  );
  assert.match(html, /<b>bold<\/b><a>a<\/a><img src="p.png"/);
});

Deno.test("pageHtml() shows streams, errors, values and images as what they are", () => {
  const page = pageHtml(
    notebookShowing(
      {
        output_type: "stream",
        name: "stdout",
        text: ["<script>one</script>\n", "\x1b[33mtwo\x1b[39m"],
      },
      { output_type: "error", ename: "E", evalue: "<b>", traceback: ["E: <b>", "    at cell"] },
      display({ "text/plain": "a < b", "image/png": "aGk=\n" }),
      display({ "text/html": "<table><tr><td>7</td></tr></table><script>x()</script>" }),
    ),
    options,
  );
  const { document } = parseHTML(page);
  assert.equal(document.querySelector(".stdout")?.textContent, "<script>one</script>\ntwo");
  assert.equal(document.querySelector(".error")?.textContent, "E: <b>\n    at cell");
  assert.equal(document.querySelector("img")?.getAttribute("src"), "data:image/png;base64,aGk=");
  assert.equal(document.querySelector("img")?.getAttribute("alt"), "a < b");
  assert.equal(document.querySelector("td")?.textContent, "7");
  assert.equal(document.querySelectorAll("script").length, 0);
});

Deno.test("pageHtml() embeds plotly.js once for all figures, and not without one", () => {
  const figure = { data: [{ y: [1, 2], name: "</script>" }], layout: {} };
  const shown = display({
    "application/vnd.plotly.v1+json": figure,
    "text/html": "<script>other()</script>",
    "text/plain": "Figure",
  });
  const page = pageHtml(notebookShowing(shown, shown), options);
  const { document } = parseHTML(page);
  assert.equal(page.split("/* plotly */").length, 2);
  const stored = [...document.querySelectorAll(".figure script")].map((s) => s.textContent ?? "");
  assert.deepEqual(stored.map((text) => JSON.parse(text)), [figure, figure]);
  assert.doesNotMatch(page, /other\(\)/);
  assert.doesNotMatch(pageHtml(notebookOf("1"), options), /plotly \*\//);
});

Deno.test("pageHtml() loads nothing from elsewhere", () => {
  const page = pageHtml(notebookOf("const a: number = 1; // <i>"), options);
  assert.doesNotMatch(page, /(?:src|href)="(?!data:)|@import|url\(/);
  assert.match(page, /&lt;i&gt;/);
});

Deno.test("readPlotly() can stand inside a script", async () => {
  const text = await readPlotly();
  assert.match(text, /Plotly/);
  assert.doesNotMatch(text, /<\/script/i);
});
