/** Makes notebooks for tests. */

import type { Notebook, Output } from "../../notebooks/tasks/notebook/nbformat.ts";

/** A notebook with the given code cells. */
export function notebookOf(...sources: string[]): Notebook {
  const cells = sources.map((source) => ({
    cell_type: "code" as const,
    execution_count: null,
    metadata: {},
    source,
    outputs: [],
  }));
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
}

/** A notebook with one code cell that has the given outputs. */
export function notebookShowing(...outputs: Output[]): Notebook {
  const notebook = notebookOf("1");
  Object.assign(notebook.cells[0] ?? {}, { outputs });
  return notebook;
}

/** A displayed value. */
export function display(data: Record<string, unknown>): Output {
  return { output_type: "display_data", data, metadata: {} };
}
