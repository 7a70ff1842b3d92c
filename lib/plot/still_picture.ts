/** Converts figures to still pictures, for places that cannot show a slider or a play button. */

import type { Figure, FigureFrame } from "./figure.ts";

/** Figure as a notebook stores it. */
export interface StoredFigure {
  readonly data?: readonly object[];
  readonly layout?: Partial<Figure["layout"]>;
  readonly frames?: readonly FigureFrame[];
}

/** Part of a picture: a figure without frames, whose layout has its width and height. */
export interface Tile {
  readonly data: object[];
  readonly layout: Readonly<Record<string, unknown>>;
}

/** Title, and below it tiles, side by side in rows. */
export interface StillPicture {
  readonly title: string;
  readonly tiles: readonly Tile[];
}

/** Maximum number of frames in a picture. */
const MOST_TILES = 6;

/**
 * Makes the picture of a figure, on white paper without buttons. Of a figure with frames, the
 * picture shows up to six, from the first to the last. `width` and `height` are used if the layout
 * of the figure has none.
 */
export function stillPicture(
  stored: StoredFigure,
  { width, height }: { readonly width: number; readonly height: number },
): StillPicture {
  const { layout = {}, frames = [] } = stored;
  if (frames.length < 2) {
    return { title: "", tiles: [stillOf(stored, frames[0], { width, height })] };
  }
  const count = Math.min(frames.length, MOST_TILES);
  const size = tileSize(layout, width);
  const tiles = Array.from({ length: count }, (_, i) => {
    const frame = frames[Math.round(i / (count - 1) * (frames.length - 1))]!;
    const place = { x: 0, xref: "paper", y: 1 - 16 / size.height, yanchor: "middle" };
    const title = { text: frame.name ?? "", font: { size: 13 }, ...place };
    const { data, layout } = stillOf(stored, frame, {});
    return { data, layout: { ...layout, title, showlegend: false, ...size } };
  });
  return { title: (layout.title as { text?: string } | undefined)?.text ?? "", tiles };
}

/**
 * Computes the width, the height and the margins of a tile in pixels. The margins have room for the
 * name of the state, the texts above panels, and the numbers below the horizontal axis.
 */
function tileSize(layout: Partial<Figure["layout"]>, fullWidth: number) {
  const aspect = layout.meta?.aspect ?? 0.9;
  const width = Math.floor(fullWidth / (aspect > 0.6 ? 3 : 2));
  const words = layout.annotations?.length ? 24 : 0;
  const ticks = layout.xaxis?.showticklabels === false ? 0 : 16;
  const margin = { l: 34, r: 6, t: 34 + words, b: 6 + ticks };
  const height = Math.round((width - margin.l - margin.r) * aspect + margin.t + margin.b);
  return { width, height, margin };
}

/** Makes a tile. Its paper is white and not transparent, because a page may be black. */
function stillOf(
  { data = [], layout = {} }: StoredFigure,
  frame: FigureFrame | undefined,
  size: object,
): Tile {
  const { updatemenus: _menus, sliders: _sliders, meta: _meta, ...rest } = layout;
  return {
    data: data.map((trace, at) => ({ ...trace, ...frame?.data?.[at] })),
    layout: { paper_bgcolor: "#fff", plot_bgcolor: "#fff", ...size, ...rest },
  };
}
