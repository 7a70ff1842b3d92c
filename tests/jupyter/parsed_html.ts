/** Parses HTML like a browser, for tests that look for elements. */
import { parseHTML } from "linkedom";

/** Properties of an element that the tests read. */
export interface ParsedElement {
  readonly children: { readonly length: number };
  readonly firstElementChild: ParsedElement | null;
  readonly previousElementSibling: ParsedElement | null;
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): ParsedElement | null;
  querySelectorAll(selector: string): Iterable<ParsedElement>;
}

/** Returns the body with this HTML. */
export function parseBody(html: string): ParsedElement {
  const window = parseHTML(`<!doctype html><html><body>${html}</body></html>`) as unknown as {
    readonly document: { readonly body: ParsedElement };
  };
  return window.document.body;
}
