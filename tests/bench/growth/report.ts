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

/** Makes a panel of one curve: lines of a value, and dotted lines of other values by their names. */
function panelOf(
  points: readonly CurvePoint[],
  curve: CurveName,
  { y, of, parts = {} }: {
    readonly y: string;
    readonly of: Read;
    readonly parts?: Readonly<Record<string, Read>>;
  },
): Panel {
  const own = points.filter((point) => point.curve === curve);
  const samples = [[undefined, of] as const, ...Object.entries(parts)].flatMap(([part, read]) =>
    own.flatMap(({ x, measurements }): Sample[] => {
      const shown = curve === "threads" ? measurements : bestOfEach(measurements);
      return shown.map((one) => ({
        ...{ of: one.name, x, y: read(one) },
        ...part === undefined ? {} : { part },
      }));
    })
  );
  return { y, ...axes[curve], lines: linesOf(samples) };
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

function sectionOf(title: string, panels: readonly Panel[]): Section[] {
  const filled = panels.filter(({ lines }) => lines.length > 0);
  if (filled.length === 0) return [];
  const tables = Object.fromEntries(filled.map((panel) => [titleOf(panel), tableOf(panel)]));
  return [{ figure: curvesFigure(title, filled), tables }];
}

/** Makes the table of programs of many kernels: a row for each. */
function kernelsTable(points: readonly CurvePoint[]): Table {
  const reads = [({ firstMs }: Measurement) => firstMs, fact("compileMs"), fact("moduleBytes")];
  const memory = [fact("residentBytes", MiB), fact("arenaBytes", MiB)];
  const rows = points.filter(({ curve }) => curve === "kernels").flatMap(({ x, measurements }) =>
    measurements.map((one) => [
      ...[one.name, x.toLocaleString("en-US")],
      ...[...reads, ...memory].map((read) => rounded(read(one) ?? NaN)),
    ])
  );
  const head = ["program", "kernels", "ms until compiled", "of it compiling", "module bytes"];
  return { head: [...head, "resident, MiB", "arena, MiB"], rows };
}

function kernelsSection(points: readonly CurvePoint[]): Section[] {
  const time = panelOf(points, "kernels", {
    ...{ y: "ms until compiled", of: ({ firstMs }) => firstMs },
    parts: { compiler: fact("compileMs") },
  });
  const size = panelOf(points, "kernels", { y: "bytes of the module", of: fact("moduleBytes") });
  const memory = panelOf(points, "kernels", {
    ...{ y: "MiB of memory", of: fact("residentBytes", MiB) },
    parts: { arena: fact("arenaBytes", MiB) },
  });
  if (time.lines.length === 0) return [];
  const powers = powersTable([time, size]), panels = [time, size, memory];
  const tables: Record<string, Table> = { "programs of many kernels": kernelsTable(points) };
  if (powers.rows.length > 0) tables["growth over recorded kernels"] = powers;
  return [{ figure: curvesFigure("Programs of many kernels", panels), tables }];
}

const sizes = ["batch", "width", "depth"] as const;

/** Makes the sections: speed, first calls and memory over sizes, and programs of many kernels. */
export function sectionsOf(points: readonly CurvePoint[]): Section[] {
  const over = (curves: readonly CurveName[], options: Parameters<typeof panelOf>[2]) =>
    curves.map((curve) => panelOf(points, curve, options));
  const speed = over([...sizes, "threads"], {
    ...{ y: "steps per second", of: ({ stepMs }) => 1000 / stepMs },
  });
  const calls = over(sizes, { y: "ms of the first calls", of: ({ firstMs }) => firstMs });
  const memory = over(sizes, {
    ...{ y: "MiB of memory", of: fact("residentBytes", MiB) },
    parts: { arena: fact("arenaBytes", MiB) },
  });
  return [
    ...sectionOf("Steps of Adam per second", speed),
    ...sectionOf("Time of the calls until a step is compiled", calls),
    ...sectionOf("Memory of a process", memory),
    ...kernelsSection(points),
  ];
}
