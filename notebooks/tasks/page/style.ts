/** How the page of a notebook looks: light, one column, fit for paper. */
export const style = `
:root { color-scheme: light; --ink: #1d2430; --soft: #5b6472; --line: #dfe3e8; --code: #f6f7f9; --link: #0b62c4; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 3rem 1.25rem 5rem; max-width: 52rem; background: #fff; color: var(--ink);
  font: 17px/1.6 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif; }
h1, h2, h3, h4, footer, th { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
a { color: var(--link); }
p, ul, ol { margin: .75rem 0; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9em; }
th, td { padding: .3rem .75rem; border-bottom: 1px solid var(--line); text-align: left; }
img { max-width: 100%; height: auto; }
pre, code { font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .86em; background: var(--code); padding: .1em .3em; border-radius: 4px; }
pre { margin: 0; font-size: 13.5px; line-height: 1.5; overflow-x: auto; tab-size: 2; }
pre code { font-size: inherit; background: none; padding: 0; }
.cell { position: relative; margin: 1.25rem 0; }
.source { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; }
.count { position: absolute; right: 100%; top: .85rem; margin-right: .6rem; color: #98a1ad; white-space: nowrap;
  font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; }
.output { margin: .6rem 0 0; padding: 0 1rem; }
img.output { display: block; }
.figure { padding: 0; min-height: 3rem; break-inside: avoid; }
.stderr { color: #8a5a00; }
.error { color: #a3121f; background: #fdf1f2; border-radius: 6px; padding: .75rem 1rem; }
footer { margin-top: 4rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .8rem; }
.hljs-comment { color: #6b7480; font-style: italic; }
.hljs-keyword, .hljs-literal, .hljs-built_in { color: #8630a8; }
.hljs-string, .hljs-regexp { color: #1a7340; }
.hljs-number { color: #b0500c; }
.hljs-title, .hljs-title.function_, .hljs-title.class_ { color: #0b58b0; }
.hljs-attr, .hljs-property, .hljs-params { color: inherit; }
@media (max-width: 62rem) { .count { display: none; } }
@media print { body { padding: 0; max-width: none; font-size: 11pt; } .count { display: none; }
  pre { white-space: pre-wrap; font-size: 9pt; } .source { break-inside: avoid; } h2, h3 { break-after: avoid; } }
`;
