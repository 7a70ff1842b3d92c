/** `Deno.jupyter` for a run without Jupyter: what cells show goes into the notebook. */

import type { CodeCell, DataOutput, MimeBundle, Output } from "../notebook/nbformat.ts";

const DISPLAY = Symbol.for("Jupyter.display");

interface DisplayOptions {
  readonly raw?: boolean;
  readonly update?: boolean;
  readonly display_id?: string | undefined;
}

/** The outputs of a notebook's cells, as they come. */
export class Outputs {
  /** The cell that is running. */
  cell: CodeCell | undefined;
  readonly #live: (text: string) => void;
  readonly #shown = new Map<string, DataOutput[]>();
  #clearBeforeNext = false;

  /** Hands what a running cell tells to `live`. */
  constructor(live: (text: string) => void) {
    this.#live = live;
  }

  /** Adds what a stream prints to what it has printed before. */
  print(name: "stdout" | "stderr", text: string): void {
    const last = this.#clearBeforeNext ? undefined : this.cell?.outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#append({ output_type: "stream", name, text });
    this.#live(text);
  }

  /** Adds the value of a cell's last expression. */
  async result(value: unknown): Promise<void> {
    if (value === undefined) return;
    const execution_count = this.cell?.execution_count ?? null;
    const data = await formatValue(value);
    this.#append({ output_type: "execute_result", execution_count, data, metadata: {} });
  }

  /** Shows a value, or gives new content to everything that was shown under its id. */
  async display(
    value: unknown,
    { raw = false, update = false, display_id: id }: DisplayOptions = {},
  ): Promise<void> {
    const data = raw ? value as MimeBundle : await formatValue(value);
    const known = this.#shown.get(id ?? "") ?? [];
    if (update) { for (const output of known) output.data = data; }
    else {
      const output: DataOutput = { output_type: "display_data", data, metadata: {} };
      this.#append(output);
      if (id !== undefined) this.#shown.set(id, [...known, output]);
    }
    if (id !== undefined && typeof data["text/plain"] === "string") this.#live(data["text/plain"]);
  }

  /** Empties the cell at once, or with its next output. */
  clear({ wait = false }: { readonly wait?: boolean } = {}): void {
    this.#clearBeforeNext = wait;
    if (!wait && this.cell) this.cell.outputs.length = 0;
  }

  #append(output: Output): void {
    if (this.#clearBeforeNext) this.clear();
    this.cell?.outputs.push(output);
  }

  /** Makes the kernel's interface to these outputs. */
  toJupyter(): object {
    return {
      $display: DISPLAY,
      format: formatValue,
      display: this.display.bind(this),
      broadcast: async (type: string, content: MimeBundle) => {
        if (type === "clear_output") this.clear(content);
        if (type !== "display_data" && type !== "update_display_data") return;
        const { display_id } = (content.transient ?? {}) as DisplayOptions;
        await this.display(content.data, {
          raw: true,
          update: type !== "display_data",
          display_id,
        });
      },
      md: tagged("text/markdown"),
      html: tagged("text/html"),
      svg: tagged("image/svg+xml"),
      image: imageOf,
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
  return (raw, ...values) => showing({ [type]: String.raw({ raw }, ...values) });
}

function showing(bundle: MimeBundle): object {
  return { [DISPLAY]: () => bundle };
}

function imageOf(image: Uint8Array | string): object {
  const bytes = typeof image === "string" ? Deno.readFileSync(image) : image;
  const type = bytes[0] === 0xff && bytes[1] === 0xd8 ? "image/jpeg" : "image/png";
  return showing({ [type]: bytes.toBase64() });
}
