/** Type-checks and lints the cells of notebooks, which the kernel does not. */

import {
  cellsFolder,
  configOf,
  findPlace,
  type NotebookModule,
  placeName,
  writeModule,
} from "./checked_module.ts";

/** Checks notebooks; returns one message for each finding, each with its cell and line. */
export async function checkNotebooks(
  notebookPaths: readonly string[],
  { folder = cellsFolder }: { folder?: string } = {},
): Promise<string[]> {
  const modules: NotebookModule[] = [];
  for (const path of notebookPaths) modules.push(await writeModule(path, { folder }));
  if (modules.length === 0) return [];
  const paths = modules.map(({ path }) => path);
  const checked = await deno(["check", "--config", configOf(folder), ...paths]);
  const linted = await deno(["lint", "--json", "--config", configOf(folder), ...paths]);
  const problems = [
    ...(checked.success ? [] : readCheck(checked.stderr, modules)),
    ...(linted.success ? [] : readLint(linted.stdout, modules)),
  ];
  if (problems.length === 0 && !(checked.success && linted.success)) {
    problems.push(checked.stderr.trim() || linted.stderr.trim());
  }
  return problems;
}

interface ToolResult {
  success: boolean;
  stdout: string;
  stderr: string;
}

async function deno(args: string[]): Promise<ToolResult> {
  const command = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The findings of `deno check`, or its one syntax error, with cells for lines of modules. */
export function readCheck(stderr: string, modules: readonly NotebookModule[]): string[] {
  const body = stderr.replaceAll("\r\n", "\n").replace(/\n+Stack backtrace:[\s\S]*$/, "");
  const blocks = body.split(/\n(?=TS\d+ \[ERROR\]: |error: )/).filter((block) =>
    /^(TS\d+ \[ERROR\]|error): /.test(block) && !block.startsWith("error: Type checking failed")
  );
  return blocks.map((block) => {
    const place = findPlace(block, modules);
    const text = block.replace(/\n+Found \d+ errors?\.\s*$/, "").replace(/ \[ERROR\]/, "").trim();
    return place ? `${placeName(place.module.name, place.position)}: ${withoutUrl(text)}` : text;
  });
}

/** The place is named in front, in the notebook's terms. */
function withoutUrl(text: string): string {
  return text.replace(/\n\s*at file:\/\/\S+/, "").replace(/^error: /, "");
}

interface LintReport {
  diagnostics: {
    filename: string;
    range: { start: { line: number } };
    message: string;
    code: string;
    hint?: string;
  }[];
  errors: { file_path: string; message: string }[];
}

/** The findings of `deno lint --json`, with cells for lines of modules. */
export function readLint(json: string, modules: readonly NotebookModule[]): string[] {
  const { diagnostics, errors } = JSON.parse(json) as LintReport;
  const findings = diagnostics.map(({ filename, range, message, code, hint }) => {
    const place = findPlace(`${filename}:${range.start.line}`, modules);
    const where = place ? placeName(place.module.name, place.position) : filename;
    return `${where}: ${code}: ${message}${hint ? ` (${hint})` : ""}`;
  });
  // What cannot be parsed is reported by the type check already.
  const unread = errors.filter(({ file_path }) => !modules.some(({ path }) => path === file_path));
  return [...findings, ...unread.map(({ message }) => message)];
}
