/** Text that stays text: in HTML, in a script inside HTML, and in Plotly's titles and labels. */

const htmlEntities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML content or as a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => htmlEntities[character] ?? character);
}

/** A value as a JavaScript expression that cannot end the script element around it. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Markup of Plotly that we let through: bare tags that only change the look of text. */
const allowedMarkup = /<\/?(?:b|i|u|s|em|strong|sub|sup|extra)>|<br\s*\/?>|%\{[^}]*\}/g;

/**
 * Text for a Plotly title, label or template.
 *
 * Plotly reads a dialect of HTML there, links and styles included. Only bare tags such as `<b>`, `<br>`
 * and a template's `<extra>` and `%{…}` keep their meaning; every other `<` shows as it was typed.
 * Entities stay, so that text which was made safe before is not made safe twice.
 */
export function plotlyText(text: string): string {
  let safe = "";
  let end = 0;
  for (const match of text.matchAll(allowedMarkup)) {
    safe += text.slice(end, match.index).replaceAll("<", "&lt;") + match[0];
    end = match.index + match[0].length;
  }
  return safe + text.slice(end).replaceAll("<", "&lt;");
}
