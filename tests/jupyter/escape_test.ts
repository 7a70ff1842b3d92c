import assert from "node:assert/strict";
import fc from "fast-check";
import { escapeHtml, plotlyText, scriptJson } from "../../lib/jupyter/escape.ts";
import { parseBody } from "./parsed_html.ts";

Deno.test("escapeHtml() any text comes back as the text of the element", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const body = parseBody(`<p title="${escapeHtml(text)}">${escapeHtml(text)}</p>`);
    const paragraph = body.querySelector("p")!;
    assert.equal(paragraph.children.length, 0);
    assert.equal(paragraph.textContent, text);
    assert.equal(paragraph.getAttribute("title"), text);
  }));
});

Deno.test("scriptJson() evaluates to the value and cannot end its script", () => {
  const value = { text: "</script><!-- <img onerror=x> \u2028\u2029", list: [1, null] };
  const script = scriptJson(value);
  assert.doesNotMatch(script, /[<>\u2028\u2029]/);
  assert.deepEqual(JSON.parse(script), value);
});

Deno.test("plotlyText() leaves bare tags and templates, makes every other < text", () => {
  const cases: [string, string][] = [
    ["a < b & c", "a &lt; b & c"],
    ["<b>bold</b><br>H<sub>2</sub>", "<b>bold</b><br>H<sub>2</sub>"],
    ["</script><img onerror=x>", "&lt;/script>&lt;img onerror=x>"],
    ["<b onclick=x>", "&lt;b onclick=x>"],
    ["<a href='https://x'>y</a>", "&lt;a href='https://x'>y&lt;/a>"],
    ["%{y:<8}<extra></extra>", "%{y:<8}<extra></extra>"],
  ];
  for (const [text, expected] of cases) assert.equal(plotlyText(text), expected);
});

Deno.test("plotlyText() leaves text that is safe already as it is", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    assert.equal(plotlyText(plotlyText(text)), plotlyText(text));
  }));
});
