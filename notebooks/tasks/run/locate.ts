/**
 * Finds the line of a cell that an error of the kernel came from. The kernel names lines of the JavaScript
 * that Deno made of the cell, without types and blank lines; Deno makes it here again, with a source map.
 */

import { SourceMap } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import { ask } from "../processes.ts";

/** Finds the first syntax error of a cell and its line, from 1; newer kernels do not tell it. */
export function syntaxError(
  code: string,
): { line: number; ename: string; evalue: string } | undefined {
  const compilerOptions = { target: ts.ScriptTarget.ESNext, jsx: ts.JsxEmit.Preserve };
  const options = { fileName: "cell.tsx", reportDiagnostics: true, compilerOptions };
  const [first] = ts.transpileModule(code, options).diagnostics ?? [];
  if (!first?.file || first.start === undefined) return undefined;
  const { line } = first.file.getLineAndCharacterOfPosition(first.start);
  const evalue = ts.flattenDiagnosticMessageText(first.messageText, "\n");
  return { line: line + 1, ename: "SyntaxError", evalue };
}

/** Finds the line, from 1, of the cell's code that failed; undefined where that cannot be told. */
export async function lineOfError(code: string, error: ErrorOutput): Promise<number | undefined> {
  const text = [...error.traceback, error.evalue].join("\n");
  // A syntax error is found before anything is made of the code.
  const syntax = /file:\/\/\/repl\.tsx:(\d+):\d+/.exec(text);
  if (syntax) return Number(syntax[1]);
  const place = /^\s+at .*<anonymous>:(\d+):(\d+)/m.exec(text);
  const map = place && await sourceMapOf(withoutImports(code));
  if (!map) return undefined;
  const entry = map.findEntry(Number(place[1]) - 1, Number(place[2]) - 1);
  return "originalLine" in entry ? entry.originalLine + 1 : undefined;
}

async function sourceMapOf(code: string): Promise<SourceMap | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-map-" });
  try {
    const path = join(folder, "cell.tsx");
    await Deno.writeTextFile(path, code);
    const how = ["transpile", "--no-config", "--quiet", "--source-map", "inline"];
    const made = (await ask([Deno.execPath(), ...how, path]))?.stdout ?? ""; // Deno 2.7 cannot
    const encoded = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(made)?.[1];
    return encoded === undefined ? undefined : new SourceMap(JSON.parse(atob(encoded)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Puts the one statement that the kernel makes of an import in its place, with as many lines. */
function withoutImports(code: string): string {
  const source = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.ESNext, true);
  let text = code;
  for (const statement of source.statements.filter(ts.isImportDeclaration).toReversed()) {
    const start = statement.getStart(source);
    const lines = statement.getText(source).replace(/[^\n]/g, "");
    const made = statement.importClause?.isTypeOnly ? "" : "void 0;";
    text = text.slice(0, start) + made + lines + text.slice(statement.end);
  }
  return text;
}
