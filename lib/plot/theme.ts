/** Colours, fonts and layouts that all figures share, and text that stays text. */
import type { Layout } from "./figure.ts";

/**
 * The palette of all notebooks: one colour for each player, wherever it is drawn. Readers with any
 * colour vision tell them apart (Okabe and Ito, 2008).
 */
export const COLORS = {
  /** Real samples, and the discriminator's loss and answers on them. */
  real: "#0072B2",
  /** Generated samples, and the discriminator's loss and answers on them. */
  fake: "#D55E00",
  /** The generator. */
  generator: "#009E73",
  /** The discriminator where real and generated are not apart. */
  discriminator: "#CC79A7",
  /** Lines to compare with. */
  line: "#7f7f7f",
  /** Positions of a sample; none of them is a player's. */
  positions: ["#E69F00", "#56B4E9", "#AA4499", "#999933", "#DDCC77", "#88CCEE"],
} as const;

/** A player whose colour a figure can take. */
export type Player = "discriminator" | "generator";

/** Three digits, as hover boxes show numbers. */
export const THREE_DIGITS = ".3g";

/** The title of the horizontal axis of training: one iteration is one step of all players. */
export const ITERATION = "iteration";

/** Makes plain text of Plotly's small HTML dialect, in which titles and names are written. */
export function plainText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Makes a figure's title of plain text, and a smaller line below it where one is given. */
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

/** Room above a plot for a title of one line, with and without a line below it. */
export function titleRoom(below?: string): number {
  return below === undefined ? 44 : 62;
}

/** Texts of a line chart. */
export interface ChartTexts {
  /** The title. */
  readonly title: string;
  /** The smaller line below the title. */
  readonly below?: string | undefined;
  /** The title of the horizontal axis, also above the numbers of the hover box. */
  readonly x: string;
  /** The title of the vertical axis. */
  readonly y: string;
}

/** The legend at the bottom of the figure, where no title is. */
export const LEGEND: NonNullable<Layout["legend"]> = {
  orientation: "h",
  x: 0,
  y: 0,
  yref: "container",
  yanchor: "bottom",
};

/** Makes an axis whose hover box says `iteration 1,230` above the values. */
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

/** Makes the layout of a line chart: title above, legend below, one hover box for all lines. */
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
