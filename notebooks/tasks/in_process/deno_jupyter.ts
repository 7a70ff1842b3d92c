/** `Deno.jupyter` for a run without Jupyter: the kernel's interface, with the messages going to a listener. */

/** Takes what a kernel would send on its output channel. */
export type Send = (type: string, content: Record<string, unknown>) => void;

/** Media type to content. */
export type Bundle = Record<string, unknown>;

const DISPLAY = Symbol.for("Jupyter.display");

/** Options of the kernel's `display`. */
export interface DisplayOptions {
  /** Whether the value is a bundle of media types already. */
  readonly raw?: boolean;
  /** Whether it replaces what was shown under the same id. */
  readonly update?: boolean;
  /** The id. */
  readonly display_id?: string;
}

/** The kernel's `Deno.jupyter`. */
export interface DenoJupyter {
  /** The method by which a value shows itself. */
  readonly $display: symbol;
  /** Sends a message on the output channel. */
  broadcast(type: string, content: Bundle, extra?: Bundle): Promise<void>;
  /** Shows a value. */
  display(value: unknown, options?: DisplayOptions): Promise<void>;
  /** The media types that a value shows itself as. */
  format(value: unknown): Promise<Bundle>;
  /** Markdown, as a tagged template. */
  md(strings: TemplateStringsArray, ...values: unknown[]): object;
  /** HTML, as a tagged template. */
  html(strings: TemplateStringsArray, ...values: unknown[]): object;
  /** SVG, as a tagged template. */
  svg(strings: TemplateStringsArray, ...values: unknown[]): object;
  /** An image from its bytes or its path: PNG or JPEG. */
  image(image: Uint8Array | string): object;
}

/** Makes a `Deno.jupyter` that sends to a listener. */
export function makeDenoJupyter(send: Send): DenoJupyter {
  const broadcast = (type: string, content: Bundle) => Promise.resolve(send(type, content));
  return {
    $display: DISPLAY,
    broadcast,
    format: formatValue,
    async display(value, { raw = false, update = false, display_id } = {}) {
      const data = raw ? value as Bundle : await formatValue(value);
      const transient = display_id === undefined ? {} : { display_id };
      const type = update ? "update_display_data" : "display_data";
      await broadcast(type, { data, metadata: {}, transient });
    },
    md: tagged("text/markdown"),
    html: tagged("text/html"),
    svg: tagged("image/svg+xml"),
    image: imageOf,
  };
}

/** The media types that a value shows itself as: its own, or text as the console would print it. */
export async function formatValue(value: unknown): Promise<Bundle> {
  const own = typeof value === "object" && value !== null || typeof value === "function"
    ? (value as { [DISPLAY]?: unknown })[DISPLAY]
    : undefined;
  if (typeof own === "function") return await own.call(value) as Bundle;
  return { "text/plain": Deno.inspect(value) };
}

function tagged(type: string): (strings: TemplateStringsArray, ...values: unknown[]) => object {
  return (strings, ...values) => showing({ [type]: String.raw({ raw: strings }, ...values) });
}

function showing(bundle: Bundle): object {
  return { [DISPLAY]: () => bundle };
}

function imageOf(image: Uint8Array | string): object {
  const bytes = typeof image === "string" ? Deno.readFileSync(image) : image;
  const type = bytes[0] === 0xff && bytes[1] === 0xd8 ? "image/jpeg" : "image/png";
  return showing({ [type]: bytes.toBase64() });
}
