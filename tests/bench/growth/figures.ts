/** Figures of the growth curves: panels with logarithmic axes, and one legend. */

import { type Data, Figure, type Layout } from "../../../lib/plot/mod.ts";
import { axesOf, COLORS, LEGEND, plainText, titleOf } from "../../../lib/plot/theme.ts";
import { rounded } from "../statistics.ts";
import type { Line, Panel } from "./curves.ts";

const colors = [COLORS.real, "#56B4E9", COLORS.fake, COLORS.generator, COLORS.discriminator];
const symbols = ["circle", "circle-open", "square", "diamond", "x"];

/** Height of a panel with its titles, in pixels. */
const panelHeight = 300;

/** Draws panels side by side, and below one another on a narrow page. */
export function curvesFigure(title: string, panels: readonly Panel[]): Figure {
  const all = panels.flatMap(({ lines }) => lines);
  const peers = [...new Set(all.map(({ of }) => of))],
    names = new Set(all.map(({ name }) => name)).size;
  const shown = new Set<string>();
  const data = panels.flatMap(({ lines }, at) =>
    lines.map((line) => {
      const showlegend = !shown.has(line.name);
      shown.add(line.name);
      return { ...traceOf(line, peers.indexOf(line.of)), ...axesOf(at), showlegend } as Data;
    })
  );
  const common = { title: titleOf(title), legend: LEGEND, hovermode: "x unified" as const };
  const margin = { l: 12, r: 12, t: 44, b: 12 };
  const alt = `${title}: ${panels.map(describePanel).join("; ")}.`;
  return new Figure(
    data,
    { ...common, margin, ...gridOf(panels, { across: Math.min(2, panels.length), names }) },
    { alt, narrow: gridOf(panels, { across: 1, names }) },
  );
}

function traceOf({ name, of, x, y }: Line, at: number): object {
  const look = at % colors.length;
  return {
    ...{ type: "scatter", mode: "lines+markers", name, legendgroup: name, x, y },
    ...{
      yhoverformat: ".3s",
      line: { color: colors[look], width: 2, dash: name === of ? "solid" : "dot" },
    },
    marker: { color: colors[look], symbol: symbols[look], size: 7 },
  };
}

/** Describes the first and last value of each line, for readers who cannot see the figure. */
function describePanel({ x, y, lines }: Panel): string {
  const parts = lines.filter(({ y }) => y.length > 0).map(({ name, x, y }) =>
    `${name} from ${rounded(y[0]!)} at ${x[0]!.toLocaleString("en-US")} to ${
      rounded(y.at(-1)!)
    } at ${x.at(-1)!.toLocaleString("en-US")}`
  );
  return `${y} over ${x}: ${parts.join(", ")}`;
}

interface GridOptions {
  readonly across: number;
  /** Number of names in the legend. */
  readonly names: number;
}

/** Arranges panels in rows, with room for the legend below. */
function gridOf(panels: readonly Panel[], { across, names }: GridOptions): Partial<Layout> {
  const rows = Math.ceil(panels.length / across),
    legend = 12 + 22 * Math.ceil(across === 1 ? names : names / 3);
  const inner = rows * panelHeight, axes: Record<string, unknown> = {};
  const annotations = panels.map((panel, at) => {
    const [row, column] = [Math.floor(at / across), at % across], { xaxis, yaxis } = axesOf(at);
    const gap = across === 1 ? 0.16 : 0.085;
    const x = [column / across + gap, (column + 1) / across - 0.01];
    const y = [1 - ((row + 1) * panelHeight - 62) / inner, 1 - (row * panelHeight + 40) / inner];
    const ticks = panel.lines.flatMap((line) => line.x);
    axes[xaxis.replace("x", "xaxis")] = { ...horizontal(panel.x, ticks), domain: x, anchor: yaxis };
    axes[yaxis.replace("y", "yaxis")] = { ...vertical(panel.lines), domain: y, anchor: xaxis };
    const place = { xref: "paper", yref: "paper", x: x[0], y: y[1], showarrow: false };
    const text = `${plainText(panel.y)}<br><i>${plainText(panel.below)}</i>`;
    const anchors = { xanchor: "left", yanchor: "bottom", align: "left", xshift: -30, yshift: 6 };
    return { text, ...place, ...anchors, font: { size: 12 } };
  });
  const height = 44 + inner + legend;
  const margin = { l: 12, r: 12, t: 44, b: legend };
  return { ...axes, annotations, height, margin } as unknown as Partial<Layout>;
}

/** Makes a logarithmic axis with ticks at powers of ten, or at more places if there are few of them. */
function vertical(lines: readonly Line[]) {
  const values = lines.flatMap(({ y }) => y).map(Math.log10);
  const decades = Math.max(...values) - Math.min(...values);
  const ticks = decades > 1.5 ? { dtick: decades > 4 ? 2 : 1 } : { nticks: 6 };
  return { type: "log", exponentformat: "SI", zeroline: false, ...ticks };
}

/** Makes a logarithmic axis with a tick at each measured position, if they are few and the same for all. */
function horizontal(title: string, positions: readonly number[]) {
  const ticks = [...new Set(positions)].sort((a, b) => a - b);
  const own = ticks.length <= 7 ? { tickvals: ticks, ticktext: ticks.map(String) } : { nticks: 6 };
  const text = plainText(title);
  return {
    ...{ type: "log", zeroline: false, exponentformat: "SI", title: { text, standoff: 6 } },
    ...{ ...own, unifiedhovertitle: { text: `${text} %{x:,}` } },
  };
}
