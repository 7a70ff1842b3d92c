/** Collects what a kernel sends into the outputs of cells: joined streams, updated displays, cleared outputs. */

import type { DisplayOutput, MimeBundle, Output, ResultOutput } from "./nbformat.ts";

/** A message of the kernel's output channel, or of an in-process run. */
export interface OutputMessage {
  /** The message type: "stream", "display_data", …. */
  readonly type: string;
  /** What the message carries. */
  readonly content: Record<string, unknown>;
}

/** What has a value that can be updated. */
export type Shown = DisplayOutput | ResultOutput;

/** What can be updated later, by its display id; shared by all cells of one run. */
export class DisplayRegistry {
  readonly #shown = new Map<string, Shown[]>();

  /** Remembers an output under its display id. */
  add(id: string, output: Shown): void {
    const known = this.#shown.get(id);
    if (known) known.push(output);
    else this.#shown.set(id, [output]);
  }

  /** Gives new content to every output that was shown under the display id. */
  update(id: string, data: MimeBundle, metadata: Record<string, unknown>): void {
    for (const output of this.#shown.get(id) ?? []) Object.assign(output, { data, metadata });
  }
}

/** The outputs of one cell, as they come. */
export class CellOutputs {
  /** The outputs so far. */
  readonly list: Output[] = [];
  #clearBeforeNext = false;

  /** Outputs with a display id are remembered in `displays`. */
  constructor(private readonly displays: DisplayRegistry) {}

  /** Takes one message; those that are no output (status, input) are passed over. */
  add({ type, content }: OutputMessage): void {
    if (type === "clear_output") return this.#clear(content.wait === true);
    const data = (content.data ?? {}) as MimeBundle;
    const metadata = (content.metadata ?? {}) as Record<string, unknown>;
    const id = displayId(content);
    if (type === "update_display_data") {
      if (id !== undefined) this.displays.update(id, data, metadata);
      return;
    }
    const output = toOutput(type, content, data, metadata);
    if (!output) return;
    if (this.#clearBeforeNext) this.#clear(false);
    if (id !== undefined) this.displays.add(id, output as Shown);
    this.#append(output);
  }

  #append(output: Output): void {
    const last = this.list.at(-1);
    if (
      output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name
    ) last.text = String(last.text) + String(output.text);
    else this.list.push(output);
  }

  #clear(wait: boolean): void {
    this.#clearBeforeNext = wait;
    if (!wait) this.list.length = 0;
  }
}

function displayId(content: Record<string, unknown>): string | undefined {
  const id = (content.transient as { display_id?: unknown } | undefined)?.display_id;
  return typeof id === "string" ? id : undefined;
}

function toOutput(
  type: string,
  content: Record<string, unknown>,
  data: MimeBundle,
  metadata: Record<string, unknown>,
): Output | undefined {
  switch (type) {
    case "stream": {
      const name = content.name === "stderr" ? "stderr" : "stdout";
      return { output_type: "stream", name, text: String(content.text ?? "") };
    }
    case "display_data":
      return { output_type: "display_data", data, metadata };
    case "execute_result": {
      const count = typeof content.execution_count === "number" ? content.execution_count : null;
      return { output_type: "execute_result", execution_count: count, data, metadata };
    }
    case "error":
      return {
        output_type: "error",
        ename: String(content.ename ?? "Error"),
        evalue: String(content.evalue ?? ""),
        traceback: Array.isArray(content.traceback) ? content.traceback.map(String) : [],
      };
    default:
      return undefined;
  }
}
