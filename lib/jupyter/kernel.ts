/** Calls the display functions of the Deno kernel. Outside a kernel they do nothing. */

/** Representations of one output by media type. A frontend shows the richest one that it supports. */
export type MediaBundle = Record<string, string | object>;

/** Symbol of the method that returns a value's own representation to the kernel. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

/** Place of an output: a new output, or one that is already on the page. */
interface DisplayTarget {
  /** Identifier of the output, for later updates. */
  readonly id?: string;
  /** True if the bundle replaces the output with that identifier; false by default. */
  readonly update?: boolean;
}

type Display = typeof Deno.jupyter.display;

/** Tells whether a kernel, or a stand-in with `Deno.jupyter.display`, shows outputs. */
export function inKernel(): boolean {
  return kernelDisplay() !== undefined;
}

/**
 * Shows a bundle. Resolves when the kernel has sent it, and does nothing outside a kernel.
 *
 * Await the result: newer kernels send other outputs only after the cell counts as finished.
 */
export async function displayBundle(
  bundle: MediaBundle,
  target: DisplayTarget = {},
): Promise<void> {
  const { id, update = false } = target;
  const options = id === undefined ? { raw: true } : { raw: true, display_id: id, update };
  await kernelDisplay()?.(bundle, options);
}

/** Finds the display function of the kernel. Outside a kernel, reading `Deno.jupyter` throws. */
function kernelDisplay(): Display | undefined {
  try {
    return typeof Deno.jupyter?.display === "function" ? Deno.jupyter.display : undefined;
  } catch {
    return undefined;
  }
}
