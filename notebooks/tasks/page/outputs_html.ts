/** The outputs of a cell as HTML. */

import { marked } from "marked";
import { type MimeBundle, type Output, textOf, withoutAnsi } from "../notebook/nbformat.ts";
import { escapeHtml, scriptJson, withoutScripts } from "./escape.ts";

/** Plotly's own media type: a figure as JSON. */
export const PLOTLY_TYPE = "application/vnd.plotly.v1+json";

/** All outputs of a cell. */
export function outputsHtml(outputs: readonly Output[]): string {
  return outputs.map(outputHtml).filter((html) => html !== "").join("\n");
}

function outputHtml(output: Output): string {
  switch (output.output_type) {
    case "stream": {
      const text = withoutAnsi(textOf(output.text));
      return `<pre class="output stream ${output.name}">${escapeHtml(text)}</pre>`;
    }
    case "error": {
      const trace = output.traceback.length > 0 ? output.traceback.join("\n") : output.evalue;
      return `<pre class="output error">${escapeHtml(withoutAnsi(trace))}</pre>`;
    }
    case "display_data":
    case "execute_result":
      return bundleHtml(output.data);
    default:
      output satisfies never;
      return "";
  }
}

/** The richest form of a displayed value that a page can show. */
function bundleHtml(data: MimeBundle): string {
  const text = (type: string) => data[type] === undefined ? undefined : mimeText(data[type]);
  if (data[PLOTLY_TYPE] !== undefined) return figureHtml(data[PLOTLY_TYPE], text("text/plain"));
  const html = text("text/html");
  if (html !== undefined) return `<div class="output html">${withoutScripts(html)}</div>`;
  const alt = escapeHtml(withoutAnsi(text("text/plain") ?? "An image"));
  const svg = text("image/svg+xml");
  if (svg !== undefined) {
    const encoded = new TextEncoder().encode(svg).toBase64();
    return `<img class="output" alt="${alt}" src="data:image/svg+xml;base64,${encoded}">`;
  }
  for (const type of ["image/png", "image/jpeg", "image/gif"]) {
    const image = text(type)?.replace(/\s/g, "");
    if (image !== undefined && /^[A-Za-z0-9+/=]*$/.test(image)) {
      return `<img class="output" alt="${alt}" src="data:${type};base64,${image}">`;
    }
  }
  const markdown = text("text/markdown");
  if (markdown !== undefined) return `<div class="output">${markdownHtml(markdown)}</div>`;
  const plain = text("text/plain");
  return plain ? `<pre class="output">${escapeHtml(withoutAnsi(plain))}</pre>` : "";
}

/** A box, and the figure beside it as JSON: the page's script draws it. */
function figureHtml(figure: unknown, text = "Figure"): string {
  return `<div class="output figure" role="img" aria-label="${escapeHtml(text)}">` +
    `<script type="application/json">${scriptJson(figure)}</script></div>`;
}

/** Markdown as HTML. */
export function markdownHtml(markdown: string): string {
  return withoutScripts(marked.parse(markdown, { async: false, gfm: true }));
}

function mimeText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return textOf(value);
  return JSON.stringify(value);
}
