/** The one door to the Deno kernel's display calls; closed and silent outside a kernel. */

/** Representations of one output by media type, the richest of which a frontend shows. */
export type MediaBundle = Record<string, string | object>;

/** The symbol under which the kernel looks for a value's own representation. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

/** Place of a bundle: a new output, or an output that is already on the page. */
export interface DisplayTarget {
  /** Name of the output, for later updates. */
  readonly id?: string;
  /** Replaces the output of that name instead of adding one. */
  readonly update?: boolean;
}

type Display = typeof Deno.jupyter.display;

/** Tells whether a kernel (or a stand-in with `Deno.jupyter.display`) shows what is displayed. */
export function inKernel(): boolean {
  return kernelDisplay() !== undefined;
}

/**
 * Shows a bundle and resolves when the kernel has sent it; does nothing outside a kernel.
 *
 * Awaiting it matters: newer kernels send what is not awaited only after the cell counts as finished.
 */
export async function displayBundle(
  bundle: MediaBundle,
  target: DisplayTarget = {},
): Promise<void> {
  const { id, update = false } = target;
  const options = id === undefined ? { raw: true } : { raw: true, display_id: id, update };
  await kernelDisplay()?.(bundle, options);
}

/** The kernel's display call: reading `Deno.jupyter` outside of a kernel throws. */
function kernelDisplay(): Display | undefined {
  try {
    return typeof Deno.jupyter?.display === "function" ? Deno.jupyter.display : undefined;
  } catch {
    return undefined;
  }
}
