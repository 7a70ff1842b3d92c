/** Text made safe for HTML, and HTML made safe for a page. */

import { parseHTML } from "linkedom";

/** Text as HTML shows it, also inside a quoted attribute. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** JSON that may stand inside a `<script>`: nothing in it can end the script or begin a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** HTML without what runs: scripts, frames, event handlers, `javascript:` links. */
export function withoutScripts(html: string): string {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
  for (const element of document.body.querySelectorAll("*")) {
    if (RUNNING.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name, value } of [...element.attributes]) {
      if (/^on/i.test(name) || /^\s*javascript:/i.test(value)) element.removeAttribute(name);
    }
  }
  return document.body.innerHTML;
}

const RUNNING = new Set(["script", "iframe", "object", "embed", "base", "meta", "link"]);
