/** Shows a figure, and updates it in place. */
import { checkOptions } from "../check/mod.ts";
import type { Figure } from "../plot/mod.ts";
import { FIGURE_KINDS, figureBundle, type FigureOptions, figureText } from "./figure_bundle.ts";
import { displayBundle, inKernel } from "./kernel.ts";

/** Figure on the page. */
export interface ShownFigure {
  /** Draws another figure in the same place, from the same cell or a later one. */
  update(figure: Figure): Promise<void>;
}

/**
 * Shows a figure below the cell. The result can update it in place.
 *
 * Outside a notebook, the figure is described in one line on the console, and updates do nothing.
 *
 * ```ts
 * import { Figure } from "../plot/mod.ts";
 * import { show } from "./mod.ts";
 *
 * const shown = await show(new Figure([{ y: [1, 2] }]));
 * await shown.update(new Figure([{ y: [1, 2, 3] }]));
 * ```
 *
 * @throws {TypeError | RangeError} if the value is not a figure, or an option is unknown or wrong.
 */
export async function show(figure: Figure, options: FigureOptions = {}): Promise<ShownFigure> {
  checkOptions("show a figure", options, { kinds: FIGURE_KINDS });
  const id = crypto.randomUUID();
  const bundle = figureBundle(figure, { ...options, id });
  if (!inKernel()) console.log(figureText(figure));
  await displayBundle(bundle, { id });
  return {
    update: (next) => displayBundle(figureBundle(next, { ...options, id }), { id, update: true }),
  };
}
