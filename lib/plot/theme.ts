/** What all figures share: colours, fonts and text that stays text. */
import type { Layout } from "./figure.ts";

/** Colours that readers with any colour vision tell apart (Okabe and Ito, 2008). */
export const COLORS = {
  real: "#0072B2",
  fake: "#D55E00",
  generator: "#009E73",
  line: "#7f7f7f",
  positions: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"],
} as const;

/** Plain text as Plotly takes it: titles and names are a small HTML dialect there. */
export function plainText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An axis with a plain-text title. */
function axis(title: string): { title: { text: string }; zeroline: false } {
  return { title: { text: plainText(title) }, zeroline: false };
}

/** A figure's title with plain text, and a smaller line below it where one is given. */
export function titleOf(text: string, below?: string): NonNullable<Layout["title"]> {
  const title = { text: plainText(text), x: 0, xref: "paper", font: { size: 16 } } as const;
  return below === undefined ? title : { ...title, subtitle: { text: plainText(below) } };
}

/** The layout of a line chart: title above, legend under the title, one hover box for all lines. */
export function chartLayout(title: string, x: string, y: string): Partial<Layout> {
  return {
    title: titleOf(title),
    xaxis: { ...axis(x), title: { text: plainText(x), standoff: 8 } },
    yaxis: axis(y),
    height: 360,
    margin: { l: 60, r: 24, t: 72, b: 48 },
    hovermode: "x unified",
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
  };
}
