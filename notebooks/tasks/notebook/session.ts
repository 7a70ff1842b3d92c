/** What runs the cells of a notebook: a Jupyter kernel, or a process of Deno without Jupyter. */

import type { CellPosition } from "./extract.ts";
import type { ExecuteOptions, Execution } from "../jupyter/kernel_client.ts";

export type { ExecuteOptions, Execution };

/** Runs the cells of one notebook, in order. */
export interface Session extends AsyncDisposable {
  /** Runs the next cell's code. */
  execute(code: string, options?: ExecuteOptions): Promise<Execution>;
  /** Where the last error came from, where that is known. */
  readonly failedAt?: CellPosition | undefined;
}
