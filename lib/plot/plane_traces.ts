/** Makes the traces of points, surfaces, arrows and mapped lattices in the plane. */
import type { Data } from "./figure.ts";
import { COLORS } from "./theme.ts";

/** Arrows of one colour. */
export interface PlaneArrows {
  /** Name in the legend. */
  readonly name: string;
  /** Starting points, `[count, 2]`. */
  readonly from: ArrayLike<number>;
  /** Vectors from the starting points to the heads, `[count, 2]`. */
  readonly along: ArrayLike<number>;
}

/** Task in errors, as the words that follow "Cannot". */
export const TASK = "draw the plane";

/** Computes the side of a square grid from its number of cells. */
export function squareSide(name: string, count: number): number {
  const side = Math.sqrt(count);
  if (Number.isInteger(side) && side > 1) return side;
  throw new RangeError(
    `Cannot ${TASK}: expected ${name} to have a square number of values, got ${count}`,
  );
}

/** Colours of the surface: light tints of the players' colours, against which the points stand out. */
const SURFACE_COLORS = [[0, "#efad80"], [0.5, "#f7f7f7"], [1, "#7fb3d9"]] as const;

/** Maximum number of arrows. More would hide the surface. */
const MAX_ARROWS = 64;

interface SurfaceOptions {
  readonly reach: number;
  readonly span: readonly [low: number, high: number];
  readonly name: string;
}

/** Number of bands of one colour in a surface. In the white middle band D cannot distinguish real from generated. */
const BANDS = 11;

/** Makes a surface of coloured bands. Their borders are close together where D is steep. */
export function surfaceTrace(
  values: ArrayLike<number>,
  { reach, span: [low, high], name }: SurfaceOptions,
): object {
  const side = squareSide("a surface", values.length);
  const step = 2 * reach / side;
  const band = (high - low) / BANDS;
  const cell = (at: number) => {
    const value = Number(values[at]);
    return Number.isFinite(value) ? Number(value.toPrecision(3)) : null;
  };
  return {
    type: "contour",
    name,
    x0: step / 2 - reach,
    dx: step,
    y0: step / 2 - reach,
    dy: step,
    z: Array.from(
      { length: side },
      (_, row) => Array.from({ length: side }, (_, column) => cell(row * side + column)),
    ),
    zmin: low,
    zmax: high,
    colorscale: SURFACE_COLORS,
    contours: { coloring: "fill", start: low + band, end: high - band, size: band },
    line: { color: "rgba(80,80,80,0.4)", width: 0.5 },
    showscale: false,
    hovertemplate: `${name} %{z:.3g}<br>at %{x:.2f}, %{y:.2f}<extra></extra>`,
  };
}

/** Makes a surface of differences, with a colour scale that ends at the largest one. */
export function changeTrace(change: ArrayLike<number>, reach: number): object {
  let largest = 0;
  for (let i = 0; i < change.length; i++) largest = Math.max(largest, Math.abs(change[i]!));
  const end = largest || 1;
  return surfaceTrace(change, { reach, span: [-end, end], name: "change of D's answer" });
}

/** Selects the x or the y of points, rounded because figures are sent to the page many times. */
function coordinates(points: ArrayLike<number>, axis: 0 | 1): number[] {
  return Array.from({ length: points.length / 2 }, (_, i) => short(points[2 * i + axis]!));
}

function short(value: number): number {
  return Number(value.toFixed(3));
}

/** Makes the trace of real or of generated points. */
export function pointsTrace(kind: "real" | "generated", points: ArrayLike<number>): object {
  const isReal = kind === "real";
  const marker = isReal
    ? { symbol: "circle-open", size: 5, color: COLORS.real, line: { width: 1.25 } }
    : { size: 5.5, color: COLORS.fake, line: { color: "#fff", width: 0.75 } };
  return {
    type: "scatter",
    mode: "markers",
    name: `${kind} points`,
    legendgroup: kind,
    x: coordinates(points, 0),
    y: coordinates(points, 1),
    marker,
    hovertemplate: `${kind} point<br>at %{x:.2f}, %{y:.2f}<extra></extra>`,
  };
}

/** Makes one line with gaps for all arrows, each with a head. */
export function arrowsTrace({ name, from, along }: PlaneArrows): object {
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  for (let i = 0; i < Math.min(from.length, 2 * MAX_ARROWS); i += 2) {
    x.push(short(from[i]!), short(from[i]! + along[i]!), null);
    y.push(short(from[i + 1]!), short(from[i + 1]! + along[i + 1]!), null);
  }
  return {
    type: "scatter",
    mode: "lines+markers",
    name,
    legendgroup: name,
    x,
    y,
    line: { color: ARROW_COLOR, width: 1.5 },
    marker: {
      symbol: "arrow",
      angleref: "previous",
      size: x.map((_, i) => i % 3 === 1 ? 8 : 0),
      color: ARROW_COLOR,
      line: { width: 0 },
    },
    hoverinfo: "skip",
  };
}

/** Colour of arrows, dark enough for all tints of the surface. */
const ARROW_COLOR = "#555555";

/** Makes the lines of a lattice: along its rows, and along its columns. */
export function latticeTraces(lattice: ArrayLike<number>): object[] {
  const side = squareSide("the points of the lattice", lattice.length / 2);
  const line = (at: (line: number, i: number) => number, name: string, color: string) => {
    const x: (number | null)[] = [];
    const y: (number | null)[] = [];
    for (let k = 0; k < side; k += 2) {
      for (let i = 0; i < side; i++) {
        x.push(short(lattice[2 * at(k, i)]!));
        y.push(short(lattice[2 * at(k, i) + 1]!));
      }
      x.push(null);
      y.push(null);
    }
    return {
      type: "scatter",
      mode: "lines",
      name,
      legendgroup: name,
      x,
      y,
      line: { color, width: 1 },
      hoverinfo: "skip",
    };
  };
  return [
    line((row, i) => row * side + i, "lines of the noise, left to right", COLORS.generator),
    line((column, i) => i * side + column, "lines of the noise, up and down", LATTICE_COLOR),
  ];
}

/**
 * Purple, which is not the colour of a player and differs from the generator's green for any colour
 * vision.
 */
const LATTICE_COLOR = "#AA4499";

/** Makes the entries of the legend that explain the colours of the surface. */
export function surfaceLegend(): Data[] {
  const entry = (name: string, color: string) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: [null],
    y: [null],
    marker: { symbol: "square", size: 12, color, line: { color: COLORS.line, width: 1 } },
    hoverinfo: "skip",
  });
  const [[, generated], , [, real]] = SURFACE_COLORS;
  return [entry("D says real", real), entry("D says generated", generated)] as unknown as Data[];
}
