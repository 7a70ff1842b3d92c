/** Colours, texts and layouts that all figures share. */
import type { Layout } from "./figure.ts";

/**
 * Colours of all figures. Each player has the same colour in every figure. People with colour
 * blindness can distinguish them too (Okabe and Ito, 2008).
 */
export const COLORS = {
  /** Real samples, and D's loss and answers on them. */
  real: "#0072B2",
  /** Generated samples, and D's loss and answers on them. */
  fake: "#D55E00",
  /** Generator. */
  generator: "#009E73",
  /** Discriminator, where real and generated samples are not separate. */
  discriminator: "#CC79A7",
  /** Lines for comparison. */
  line: "#7f7f7f",
  /** Numbered lines, such as the positions of a sample. None has the colour of a player. */
  positions: ["#E69F00", "#56B4E9", "#AA4499", "#999933", "#DDCC77", "#88CCEE"],
} as const;

/** Player whose colour a figure can use. */
export type Player = "discriminator" | "generator";

/** Format of numbers in hover boxes: three significant digits. */
export const THREE_DIGITS = ".3g";

/** Title of the horizontal axis in figures of a training. One iteration is one step of each player. */
export const ITERATION = "iteration";

/** Escapes plain text for Plotly, which interprets some HTML tags in titles and names. */
export function plainText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Makes the title of a figure from plain text, optionally with a smaller line below. */
export function titleOf(text: string, below?: string): NonNullable<Layout["title"]> {
  const title = {
    text: plainText(text),
    x: 0,
    xref: "paper",
    y: 1,
    yref: "container",
    yanchor: "top",
    pad: { t: 10 },
    font: { size: 16 },
  } as const;
  if (below === undefined) return title;
  return { ...title, subtitle: { text: plainText(below), font: { size: 12 } } };
}

/** Computes the height of the title above a plot, with or without a line below it, in pixels. */
export function titleRoom(below?: string): number {
  return below === undefined ? 44 : 62;
}

/** Texts of a line chart. */
interface ChartTexts {
  /** Title. */
  readonly title: string;
  /** Smaller line below the title. */
  readonly below?: string | undefined;
  /** Title of the horizontal axis, also shown in the hover box. */
  readonly x: string;
  /** Title of the vertical axis. */
  readonly y: string;
}

/** Legend at the bottom of the figure. */
export const LEGEND: NonNullable<Layout["legend"]> = {
  orientation: "h",
  x: 0,
  y: 0,
  yref: "container",
  yanchor: "bottom",
};

/** Makes a horizontal axis whose hover box shows for example `iteration 1,230` above the values. */
export function horizontalAxis(title: string): NonNullable<Layout["xaxis"]> {
  const text = plainText(title);
  const axis = {
    title: { text, standoff: 8 },
    zeroline: false,
    automargin: true,
    unifiedhovertitle: { text: `${text} %{x:,}` },
  };
  return axis as NonNullable<Layout["xaxis"]>; // plotly.js's own types do not know unifiedhovertitle
}

/** Makes the layout of a line chart: title above, legend below, and one hover box for all lines. */
export function chartLayout({ title, below, x, y }: ChartTexts): Partial<Layout> {
  return {
    title: titleOf(title, below),
    xaxis: horizontalAxis(x),
    yaxis: { title: { text: plainText(y) }, zeroline: false, automargin: true },
    height: 380,
    margin: { l: 60, r: 24, t: titleRoom(below), b: 48 },
    hovermode: "x unified",
    legend: LEGEND,
  };
}

/** Names the axes of a panel: `x` and `y`, then `x2` and `y2`, and so on. */
export function axesOf(panel: number): { readonly xaxis: string; readonly yaxis: string } {
  const number = panel === 0 ? "" : String(panel + 1);
  return { xaxis: `x${number}`, yaxis: `y${number}` };
}
