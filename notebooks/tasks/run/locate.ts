/**
 * Finds the line of a cell that an error of the kernel came from. The kernel names lines of the JavaScript
 * that Deno made of the cell, without types and blank lines; Deno makes it here again, with a source map.
 */

import type { SourceMap } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import type { ErrorOutput } from "../notebook/nbformat.ts";
import { ask } from "../processes.ts";

/** A syntax error of a cell. */
export interface SyntaxProblem {
  /** The line, from 1. */
  readonly line: number;
  readonly ename: string;
  readonly evalue: string;
}

/** Finds the first syntax error of a cell, which newer kernels do not tell. */
export function syntaxError(code: string): SyntaxProblem | undefined {
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
  if (!place) return undefined;
  const map = await sourceMapOf(code);
  const entry = map?.findEntry(Number(place[1]) - 1, Number(place[2]) - 1);
  return entry && "originalLine" in entry ? entry.originalLine + 1 : undefined;
}

async function sourceMapOf(code: string): Promise<SourceMap | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-map-" });
  try {
    const path = join(folder, "cell.tsx");
    await Deno.writeTextFile(path, withoutImports(code) + NEVER_RUN);
    // Its own cache folder is where Deno leaves the JavaScript that it makes.
    await ask([Deno.execPath(), "run", "--no-config", "--no-lock", "--quiet", path], {
      env: { DENO_DIR: join(folder, "cache") },
    });
    const made = join(
      folder,
      "cache",
      "gen",
      "file",
      `${(await Deno.realPath(path)).replace(":", "")}.js`,
    );
    const text = await Deno.readTextFile(made).catch(() => "");
    const encoded = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(text)?.[1];
    // Deno 2.7 does not have it.
    const { SourceMap } = await import("node:module");
    if (encoded === undefined || !SourceMap) return undefined;
    return new SourceMap(JSON.parse(atob(encoded)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is imported runs first, and throws: the cell's own code does not run. */
const NEVER_RUN = '\nimport "data:text/javascript,throw 0";\n';

/** The kernel makes one statement of an import; here nothing is to be loaded, or left out as unused. */
function withoutImports(code: string): string {
  const source = ts.createSourceFile("cell.tsx", code, ts.ScriptTarget.ESNext, true);
  let text = code;
  for (const statement of source.statements.filter(ts.isImportDeclaration).toReversed()) {
    const start = statement.getStart(source);
    const lines = statement.getText(source).replace(/[^\n]/g, "");
    const typeOnly = statement.importClause?.isTypeOnly === true;
    text = text.slice(0, start) + (typeOnly ? "" : "void 0;") + lines + text.slice(statement.end);
  }
  return text;
}
