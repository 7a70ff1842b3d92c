/** Puts the code cells of a notebook, in order, into one TypeScript module that tools can read. */

import { posix } from "node:path";
import ts from "typescript";
import { LISTENER } from "./listener.ts";
import { codeCells, type Notebook, textOf } from "./nbformat.ts";

/** A place in a notebook: code cells and lines are counted from 1. */
export interface CellPosition {
  /** The code cell's number: its [n] after a run from top to bottom. */
  readonly cell: number;
  /** The line inside the cell. */
  readonly line: number;
}

/** One module made of all code cells. */
export interface Extraction {
  /** The module's text, TypeScript with JSX allowed, as the kernel reads cells. */
  readonly text: string;
  /** The place in the notebook of a line of the module (from 1); undefined for lines between cells. */
  readonly positionOf: (line: number) => CellPosition | undefined;
}

/** How a module is made. */
export interface ExtractOptions {
  /** The way from the module's folder to the notebook's, such as "../..": relative imports start with it. */
  readonly toNotebook?: string;
  /** Whether the module reports where it is and what last expressions give, to run without Jupyter. */
  readonly runnable?: boolean;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Extracts the code cells; every line of a cell stays one line. */
export function extract(
  notebook: Notebook,
  { toNotebook = ".", runnable = false }: ExtractOptions = {},
): Extraction {
  const lines: string[] = [];
  const positions = new Map<number, CellPosition>();
  codeCells(notebook).forEach((cell, index) => {
    lines.push(runnable ? `await ${LISTENER}.cell(${index + 1});` : `// cell ${index + 1}`);
    const source = parse(textOf(cell.source));
    const edits = [...importEdits(source, toNotebook), ...endEdits(source)];
    if (runnable) edits.push(...resultEdits(source));
    const cellLines = apply(source.text, edits).split("\n");
    cellLines.forEach((text, line) => {
      lines.push(text);
      positions.set(lines.length, { cell: index + 1, line: line + 1 });
    });
  });
  lines.push("export {};", "");
  return { text: lines.join("\n"), positionOf: (line) => positions.get(line) };
}

function parse(code: string): ts.SourceFile {
  const text = code.replaceAll("\r\n", "\n");
  return ts.createSourceFile("cell.tsx", text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TSX);
}

/** Relative imports, static and dynamic, start from the notebook's folder wherever the module stands. */
function importEdits(source: ts.SourceFile, toNotebook: string): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier && /^\.\.?\//.test(specifier.text)) {
      const path = posix.join(toNotebook, specifier.text);
      const text = JSON.stringify(path.startsWith("../") ? path : `./${path}`);
      edits.push({ start: specifier.getStart(source), end: specifier.end, text });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits;
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const specifier = node.moduleSpecifier;
    return specifier && ts.isStringLiteral(specifier) ? specifier : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [first] = node.arguments;
    return first && ts.isStringLiteralLike(first) ? first : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? literal : undefined;
  }
  return undefined;
}

/** Without a semicolon at its end, a cell would go on in the next one that starts with ( or [. */
function endEdits(source: ts.SourceFile): Edit[] {
  const last = source.statements.at(-1);
  const open = last && (ts.isExpressionStatement(last) || ts.isVariableStatement(last)) &&
    !last.getText(source).endsWith(";");
  return open ? [{ start: last.end, end: last.end, text: ";" }] : [];
}

/** A cell's last statement, where it is an expression, is what the cell shows. */
function resultEdits(source: ts.SourceFile): Edit[] {
  const last = source.statements.at(-1);
  if (!last || !ts.isExpressionStatement(last)) return [];
  const { expression } = last;
  const start = expression.getStart(source);
  return [
    // Two parentheses for `a, b`; `;` because without it the parenthesis would call what stands before, should that have no semicolon
    { start, end: start, text: `;await ${LISTENER}.result((` },
    { start: expression.end, end: expression.end, text: "))" },
  ];
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = text;
  // From the end, so that earlier places stay true; at one place, what closes comes after what opens.
  for (const { start, end, text: inserted } of edits.toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + inserted + result.slice(end);
  }
  return result;
}
