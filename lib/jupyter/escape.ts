/** Escapes text for HTML, for scripts inside HTML, and for Plotly's titles and labels. */

const htmlEntities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for HTML content or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => htmlEntities[character] ?? character);
}

/** Writes a value as a JavaScript expression that cannot end the script element around it. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Plotly markup that is allowed: tags without attributes that only change the look of text. */
const allowedMarkup = /<\/?(?:b|i|u|s|em|strong|sub|sup|extra)>|<br\s*\/?>|%\{[^}]*\}/g;

/**
 * Escapes text for a Plotly title, label or template.
 *
 * Plotly interprets some HTML there, including links and styles. Tags such as `<b>` and `<br>`, and
 * `<extra>` and `%{…}` in templates, keep their meaning if they have no attributes; every other `<`
 * is shown as it is. Entities are not changed, so text that is already escaped is not escaped
 * again.
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
