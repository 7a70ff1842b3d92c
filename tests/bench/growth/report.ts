/** Turns measurements into panels, tables and the sections of the page. */

import { rounded } from "../statistics.ts";
import { from, growthPower, type Line, linesOf, type Panel, type Sample } from "./curves.ts";
import { curvesFigure } from "./figures.ts";
import { bestOfEach, type Measurement } from "./measure.ts";
import type { Section, Table } from "./page.ts";
import type { CurveName } from "./points.ts";

/** Measurements at one point of a curve. */
export interface CurvePoint {
  /** Curve. */
  readonly curve: CurveName;
  /** Size, number of threads, or number of recorded kernels. */
  readonly x: number;
  /** Measurements of the peers, or of a program for the curve over kernels. */
  readonly measurements: readonly Measurement[];
}

/** Horizontal axes of the curves, and what stays the same. */
const axes: Readonly<Record<CurveName, { readonly x: string; readonly below: string }>> = {
  batch: { x: "rows of a batch", below: "784-256-1" },
  width: { x: "units of the hidden layer", below: "784-units-1, batch 64" },
  depth: { x: "dense layers", below: "784-64-…-1, batch 64" },
  threads: { x: "threads", below: "784-256-1, batch 256" },
  kernels: { x: "recorded kernels", below: "a fresh process for each point" },
};

const MiB = 2 ** 20;

/** Reads a value of a measurement. */
type Read = (measurement: Measurement) => number | undefined;

const fact = (name: string, unit = 1): Read => ({ facts }) =>
  typeof facts[name] === "number" ? facts[name] / unit : undefined;

/** Makes a panel of one curve: a line for each name that the readers give. */
function panelOf(
  points: readonly CurvePoint[],
  curve: CurveName,
  { y, below, reads }: {
    readonly y: string;
    readonly below?: string;
    readonly reads: readonly { readonly of: Read; readonly name?: (name: string) => string }[];
  },
): Panel {
  const own = points.filter((point) => point.curve === curve);
  const samples = reads.flatMap(({ of, name = (same: string) => same }): Sample[] =>
    own.flatMap(({ x, measurements }) => {
      const shown = curve === "threads" ? measurements : bestOfEach(measurements);
      return shown.map((one) => ({ name: name(one.name), x, y: of(one) }));
    })
  );
  return { y, below: below ?? axes[curve].below, x: axes[curve].x, lines: linesOf(samples) };
}

/** Makes the table of a panel: a row for each horizontal position, a column for each line. */
export function tableOf({ x, lines }: Panel): Table {
  const positions = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const value = (line: Line, at: number) => {
    const index = line.x.indexOf(at);
    return index < 0 ? "" : rounded(line.y[index]!);
  };
  return {
    head: [x, ...lines.map(({ name }) => name)],
    rows: positions.map((at) => [
      at.toLocaleString("en-US"),
      ...lines.map((line) => value(line, at)),
    ]),
  };
}

/** Number of kernels from which on growth is judged: below, fixed costs count. */
const largePrograms = 1_000;

/** Tells with which power of the number of kernels each line of some panels grows. */
export function powersTable(panels: readonly Panel[]): Table {
  const rows = panels.flatMap(({ y, lines }) =>
    lines.map((line) => from(largePrograms, line)).filter(({ x }) => x.length > 1)
      .map((line) => [`${y}: ${line.name}`, growthPower(line).toFixed(2)])
  );
  return { head: [`from ${largePrograms.toLocaleString("en-US")} kernels on`, "power"], rows };
}

const titleOf = ({ y, x, below }: Panel) => `${y} over ${x} (${below})`;

function sectionOf(
  title: string,
  panels: readonly Panel[],
  more: Section["tables"] = {},
): Section[] {
  const filled = panels.filter(({ lines }) => lines.length > 0);
  if (filled.length === 0) return [];
  const tables = Object.fromEntries(filled.map((panel) => [titleOf(panel), tableOf(panel)]));
  return [{ figure: curvesFigure(title, filled), tables: { ...tables, ...more } }];
}

/** Makes the sections: speed, compilation and memory. */
export function sectionsOf(points: readonly CurvePoint[]): Section[] {
  const sizes = ["batch", "width", "depth"] as const;
  const speed = [...sizes, "threads" as const].map((curve) =>
    panelOf(points, curve, {
      y: "steps per second",
      reads: [{ of: ({ stepMs }) => 1000 / stepMs }],
    })
  );
  const first: Read = ({ firstMs }) => firstMs;
  const kernels = [
    panelOf(points, "kernels", {
      y: "ms until compiled",
      reads: [{ of: first }, { of: fact("compileMs"), name: (name) => `${name}, compiler` }],
    }),
    panelOf(points, "kernels", { y: "bytes of the module", reads: [{ of: fact("moduleBytes") }] }),
  ];
  const calls = (["width", "depth"] as const).map((curve) =>
    panelOf(points, curve, { y: "ms of the first calls", reads: [{ of: first }] })
  );
  const memory = [...sizes, "kernels" as const].map((curve) =>
    panelOf(points, curve, {
      y: "MiB of memory",
      reads: [
        { of: fact("residentBytes", MiB), name: (name) => `${name}, resident` },
        { of: fact("arenaBytes", MiB), name: (name) => `${name}, arena` },
      ],
    })
  );
  const powers = powersTable(kernels);
  const more = powers.rows.length > 0 ? { "growth over recorded kernels": powers } : {};
  return [
    ...sectionOf("Steps of Adam per second", speed),
    ...sectionOf("Time until a step is compiled, and its module", [...kernels, ...calls], more),
    ...sectionOf("Memory of a process", memory),
  ];
}
