/**
 * Describes where a notebook failed. The kernel names lines of the JavaScript that Deno made of a cell, without
 * types and blank lines. Here Deno makes it again with a source map, which gives the lines of the cell.
 */

import { SourceMap } from "node:module";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { codeCells, type Notebook, textOf } from "../notebook/nbformat.ts";
import { ask } from "../processes.ts";
import type { Failure } from "./runner.ts";

/** Describes a failure: the cell, the line, and the error. */
export async function failureText(
  notebook: Notebook,
  { name, failure }: { name: string; failure: Failure },
): Promise<string> {
  const code = textOf(codeCells(notebook)[failure.cell - 1]?.source ?? "");
  const { cell, line, error } = failure.line ? failure : await explain(code, failure);
  const { ename, evalue } = error;
  const source = line === undefined ? "" : (code.split("\n")[line - 1] ?? "").trim();
  const trace = error.traceback.map(stripVTControlCharacters)
    .filter((text) => !/^Stack trace:/.test(text));
  const said = evalue === ename ? evalue : `${ename}: ${evalue}`;
  const more = trace[0]?.trim().startsWith(said.trim()) ? [] : trace;
  const where = `${name} cell ${cell}${line === undefined ? "" : ` line ${line}`} failed`;
  return [where, ...(source ? [source] : []), stripVTControlCharacters(said), ...more].join("\n  ");
}

/** Adds the line of the cell's code, if it can be found, and a syntax error, which newer kernels do not report. */
export async function explain(code: string, failure: Failure): Promise<Failure> {
  const { error } = failure;
  const text = [...error.traceback, error.evalue].join("\n");
  const place = /^\s+at .*<anonymous>:(\d+):(\d+)/m.exec(text);
  const { stdout, stderr } = await transpile(place ? code.replace(IMPORT, madeOfImport) : code);
  const [, evalue, line] = /SyntaxError: ([^\n]+)[^]*?cell\.tsx:(\d+):/.exec(stderr) ?? [];
  if (evalue) {
    const told = error.traceback.length > 0 ? error : { ...error, ename: "SyntaxError", evalue };
    return { ...failure, line: Number(line), error: told };
  }
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(stdout)?.[1];
  if (!place || map === undefined) return failure;
  const entry = new SourceMap(JSON.parse(atob(map)))
    .findEntry(Number(place[1]) - 1, Number(place[2]) - 1);
  return "originalLine" in entry ? { ...failure, line: entry.originalLine + 1 } : failure;
}

/** Pattern of an import at the beginning of a line. */
const IMPORT = /^import\b(?:[^;"']*?\bfrom\b)?\s*["'][^"'\n]*["']/gm;

/** Returns the statement that the kernel makes of an import, with the same number of lines. */
function madeOfImport(statement: string): string {
  return (/^import\s+type\b/.test(statement) ? "" : "void 0") + statement.replace(/[^\n]/g, "");
}

/** Converts a cell to JavaScript with a source map, as the kernel does. Deno 2.7 cannot do this. */
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
