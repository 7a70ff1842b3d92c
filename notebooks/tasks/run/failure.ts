/**
 * Says where a notebook failed. The kernel names lines of the JavaScript that Deno made of a cell, without
 * types and blank lines; Deno makes it here again, with a source map.
 */

import { SourceMap } from "node:module";
import { join } from "node:path";
import {
  codeCells,
  type ErrorOutput,
  type Notebook,
  textOf,
  withoutAnsi,
} from "../notebook/nbformat.ts";
import { ask } from "../processes.ts";
import type { Failure } from "./runner.ts";

/** Says which cell failed, at which line, with what. */
export async function failureText(
  notebook: Notebook,
  { name, failure: { cell, error, line: known } }: { name: string; failure: Failure },
): Promise<string> {
  const code = textOf(codeCells(notebook)[cell - 1]?.source ?? "");
  const silent = error.traceback.length === 0 ? await syntaxError(code) : undefined;
  const { ename, evalue } = silent ?? error;
  const line = known ?? silent?.line ?? await lineOfError(code, error);
  const source = line === undefined ? "" : (code.split("\n")[line - 1] ?? "").trim();
  const trace = error.traceback.map(withoutAnsi).filter((text) => !/^Stack trace:/.test(text));
  const said = evalue === ename ? evalue : `${ename}: ${evalue}`;
  const more = trace[0]?.trim().startsWith(said.trim()) ? [] : trace;
  const where = `${name} cell ${cell}${line === undefined ? "" : ` line ${line}`} failed`;
  return [where, ...(source ? [source] : []), withoutAnsi(said), ...more].join("\n  ");
}

/** Finds the first syntax error of a cell and its line, from 1; newer kernels do not tell it. */
export async function syntaxError(
  code: string,
): Promise<{ line: number; ename: string; evalue: string } | undefined> {
  const { stderr } = await transpile(code);
  const [, evalue, line] = /SyntaxError: ([^\n]+)[^]*?cell\.tsx:(\d+):/.exec(stderr) ?? [];
  return evalue ? { line: Number(line), ename: "SyntaxError", evalue } : undefined;
}

/** Finds the line, from 1, of the cell's code that failed; undefined where that cannot be told. */
export async function lineOfError(code: string, error: ErrorOutput): Promise<number | undefined> {
  const text = [...error.traceback, error.evalue].join("\n");
  // A syntax error is found before anything is made of the code.
  const syntax = /file:\/\/\/repl\.tsx:(\d+):\d+/.exec(text);
  if (syntax) return Number(syntax[1]);
  const place = /^\s+at .*<anonymous>:(\d+):(\d+)/m.exec(text);
  if (!place) return undefined;
  const { stdout } = await transpile(code.replace(IMPORT, madeOfImport));
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(stdout)?.[1];
  if (map === undefined) return undefined;
  const entry = new SourceMap(JSON.parse(atob(map)))
    .findEntry(Number(place[1]) - 1, Number(place[2]) - 1);
  return "originalLine" in entry ? entry.originalLine + 1 : undefined;
}

/** An import at the beginning of a line. */
const IMPORT = /^import\b(?:[^;"']*?\bfrom\b)?\s*["'][^"'\n]*["']/gm;

/** Returns the one statement that the kernel makes of an import, with as many lines. */
function madeOfImport(statement: string): string {
  return (/^import\s+type\b/.test(statement) ? "" : "void 0") + statement.replace(/[^\n]/g, "");
}

/** Has Deno make JavaScript of a cell, as the kernel does, with a source map; Deno 2.7 cannot. */
async function transpile(code: string): Promise<{ stdout: string; stderr: string }> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-map-" });
  try {
    await Deno.writeTextFile(join(folder, "cell.tsx"), code);
    const how = ["transpile", "--no-config", "--quiet", "--source-map", "inline"];
    const command = [Deno.execPath(), ...how, join(folder, "cell.tsx")];
    return await ask(command, { env: { NO_COLOR: "1" } }) ?? { stdout: "", stderr: "" };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
