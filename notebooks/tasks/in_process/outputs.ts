/** `Deno.jupyter` for a run without Jupyter: what cells show goes into the notebook. */

import type { CodeCell, DataOutput, MimeBundle } from "../notebook/nbformat.ts";

const DISPLAY = Symbol.for("Jupyter.display");

/** The outputs of a notebook's cells, as they come. */
export class Outputs {
  /** The cell that is running. */
  cell: CodeCell | undefined;
  readonly #shown = new Map<string, DataOutput[]>();

  /** Hands what a running cell tells to `live`. */
  constructor(readonly live: (text: string) => void) {}

  /** Adds what a stream prints to what it has printed before. */
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

  /** Shows a value, or gives new content to everything that was shown under its id. */
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

  /** Makes the parts of the kernel's interface that show something. */
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

/** Lists the media types that a value shows itself as: its own, or text as the console would print it. */
async function formatValue(value: unknown): Promise<MimeBundle> {
  const own = (value as { [DISPLAY]?: unknown } | null | undefined)?.[DISPLAY];
  if (typeof own === "function") return await own.call(value) as MimeBundle;
  return { "text/plain": Deno.inspect(value) };
}

function tagged(type: string): (strings: TemplateStringsArray, ...values: unknown[]) => object {
  return (raw, ...values) => ({ [DISPLAY]: () => ({ [type]: String.raw({ raw }, ...values) }) });
}
