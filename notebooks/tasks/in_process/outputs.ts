/** `Deno.jupyter` for a run without Jupyter: adds what cells show to the notebook. */

import type { CodeCell, DataOutput, MimeBundle } from "../notebook/nbformat.ts";

const DISPLAY = Symbol.for("Jupyter.display");

/** The outputs of a notebook's cells, added to the notebook while the cells run. */
export class Outputs {
  /** The cell that is running. */
  cell: CodeCell | undefined;
  readonly #shown = new Map<string, DataOutput[]>();

  /** Starts without a cell. `live` is called with each text that a running cell prints or updates. */
  constructor(readonly live: (text: string) => void) {}

  /** Adds a text to the output of a stream. */
  print(name: "stdout" | "stderr", text: string): void {
    const last = this.cell?.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.cell?.outputs.push({ output_type: "stream", name, text });
    this.live(text);
  }

  /** Adds the value of a cell's last expression. */
  async result(value: unknown): Promise<void> {
    if (value === undefined) return;
    const execution_count = this.cell?.execution_count ?? null;
    const data = await formatValue(value);
    this.cell?.outputs.push({ output_type: "execute_result", execution_count, data, metadata: {} });
  }

  /** Shows a value, or replaces the content of all outputs with the given id. */
  async display(
    value: unknown,
    { raw, update, display_id: id }: { raw?: boolean; update?: boolean; display_id?: string } = {},
  ): Promise<void> {
    const data = raw ? value as MimeBundle : await formatValue(value);
    const known = this.#shown.get(id ?? "") ?? [];
    if (update) { for (const output of known) output.data = data; }
    else {
      const output: DataOutput = { output_type: "display_data", data, metadata: {} };
      this.cell?.outputs.push(output);
      if (id !== undefined) this.#shown.set(id, [...known, output]);
    }
    if (id !== undefined && typeof data["text/plain"] === "string") this.live(data["text/plain"]);
  }

  /** Makes an object like `Deno.jupyter` of a kernel, with the functions that show something. */
  toJupyter(): object {
    return {
      $display: DISPLAY,
      format: formatValue,
      display: this.display.bind(this),
      md: tagged("text/markdown"),
      html: tagged("text/html"),
      svg: tagged("image/svg+xml"),
    };
  }
}

/** Returns the representations of a value by media type: its own, or text as the console prints it. */
async function formatValue(value: unknown): Promise<MimeBundle> {
  const own = (value as { [DISPLAY]?: unknown } | null | undefined)?.[DISPLAY];
  if (typeof own === "function") return await own.call(value) as MimeBundle;
  return { "text/plain": Deno.inspect(value) };
}

function tagged(type: string): (strings: TemplateStringsArray, ...values: unknown[]) => object {
  return (raw, ...values) => ({ [DISPLAY]: () => ({ [type]: String.raw({ raw }, ...values) }) });
}
