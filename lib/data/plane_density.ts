/** Densities on a square grid in the plane, and the best answers that a discriminator can give there. */
import {
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kinds,
  listOf,
  number,
  wholeNumber,
} from "../check/mod.ts";
import { PointCloud } from "./points.ts";

/** Options of {@linkcode PlaneGrid}. */
export interface PlaneGridOptions {
  /** The grid covers -reach to reach in both directions. Default 3. */
  readonly reach?: number;
  /** How many cells there are along each side. Default 40. */
  readonly cells?: number;
}

const GRID_KINDS: Kinds<PlaneGridOptions> = {
  reach: finiteNumber({ above: 0 }),
  cells: wholeNumber({ from: 1, to: 1000 }),
};

/**
 * A square of small square cells around the origin, row by row, from the lowest row up.
 *
 * ```ts
 * import { PlaneGrid } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const grid = new PlaneGrid({ reach: 1, cells: 2 });
 * assert.deepEqual([...grid.points], [-0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5]);
 * ```
 */
export class PlaneGrid {
  /** The grid covers -reach to reach in both directions. */
  readonly reach: number;
  /** How many cells there are along each side. */
  readonly cells: number;
  /** The length of a cell's edge. */
  readonly step: number;
  /** The middles of the columns of cells, from left to right; also those of the rows, from below. */
  readonly middles: readonly number[];
  /** The middles of all cells, `[cells * cells, 2]`. */
  readonly points: Float32Array;

  /**
   * Makes a grid.
   *
   * @throws {TypeError | RangeError} if an option is unknown or wrong.
   */
  constructor(options: PlaneGridOptions = {}) {
    checkOptions("make a grid", options, { kinds: GRID_KINDS });
    const { reach = 3, cells = 40 } = options;
    this.reach = reach;
    this.cells = cells;
    this.step = 2 * reach / cells;
    this.middles = Array.from({ length: cells }, (_, i) => (i + 0.5) * this.step - reach);
    const rows = this.middles.flatMap((y) => this.middles.flatMap((x) => [x, y]));
    this.points = Float32Array.from(rows);
  }
}

/** Options of {@linkcode bestAnswers}. */
export interface BestAnswersOptions {
  /** Distribution of the real points. */
  readonly cloud: PointCloud;
  /** Grid on whose cells the answers are computed. */
  readonly grid: PlaneGrid;
  /** Standard deviation of the Gaussian kernel, in the units of the plane. */
  readonly blur: number;
}

type EstimateDensityOptions = Omit<BestAnswersOptions, "cloud">;

const DENSITY_KINDS: Kinds<EstimateDensityOptions> = {
  grid: instanceOf(PlaneGrid),
  blur: finiteNumber({ above: 0 }),
};

/**
 * Estimates the density of points `[count, 2]` with a Gaussian kernel, at the middle of each cell.
 *
 * Points are counted in their cells first, so `blur` should not be below the edge of a cell. Points outside the
 * grid are lost: the sum over all cells, times a cell's area, is the share of the kernels that is inside.
 *
 * @throws {TypeError | RangeError} if an option is unknown, missing or wrong, or there is no point.
 */
export function estimateDensity(
  points: ArrayLike<number>,
  options: EstimateDensityOptions,
): Float64Array {
  const required = ["grid", "blur"];
  checkOptions("estimate a density", options, { kinds: DENSITY_KINDS, required });
  check("estimate a density", { points }, listOf(number));
  const { grid, blur } = options;
  check("estimate a density", { blur }, finiteNumber({ above: 0, to: 2 * grid.reach }));
  const counts = countInCells(points, grid);
  const kernel = kernelOf(blur / grid.step);
  const rows = blurAlong(counts, { kernel, cells: grid.cells, stride: 1 });
  const both = blurAlong(rows, { kernel, cells: grid.cells, stride: grid.cells });
  const perPoint = 2 / points.length / grid.step ** 2;
  return both.map((value) => value * perPoint);
}

function countInCells(points: ArrayLike<number>, { reach, step, cells }: PlaneGrid): Float64Array {
  if (points.length === 0 || points.length % 2 !== 0) {
    throw new RangeError(
      `Cannot estimate a density: expected pairs of numbers, got ${points.length} numbers`,
    );
  }
  const counts = new Float64Array(cells * cells);
  for (let i = 0; i < points.length; i += 2) {
    const column = Math.floor((points[i]! + reach) / step);
    const row = Math.floor((points[i + 1]! + reach) / step);
    if (column >= 0 && column < cells && row >= 0 && row < cells) counts[row * cells + column]!++;
  }
  return counts;
}

/** Weights of a Gaussian at whole numbers, up to four standard deviations away; their sum is 1. */
function kernelOf(deviation: number): number[] {
  const reach = Math.ceil(4 * deviation);
  const weights = Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-0.5 * ((i - reach) / deviation) ** 2),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

interface Direction {
  readonly kernel: readonly number[];
  readonly cells: number;
  /** How far apart neighbours are in the list of cells: 1 along a row, `cells` along a column. */
  readonly stride: number;
}

/** Averages each value with its neighbours in one direction. */
function blurAlong(values: Float64Array, { kernel, cells, stride }: Direction): Float64Array {
  const reach = (kernel.length - 1) / 2;
  return values.map((_, at) => {
    const place = Math.floor(at / stride) % cells;
    let sum = 0;
    for (let i = Math.max(-reach, -place); i <= reach && place + i < cells; i++) {
      sum += kernel[i + reach]! * values[at + i * stride]!;
    }
    return sum;
  });
}

const BEST_KINDS: Kinds<BestAnswersOptions> = { ...DENSITY_KINDS, cloud: instanceOf(PointCloud) };

/** Below this density of both kinds together, in parts of the highest, a place has no answer. */
const EMPTY = 1e-3;

/**
 * Computes p / (p + q) at the middle of each cell: the answer of the best possible discriminator, for the
 * density p of the cloud and q of the generated points `[count, 2]` (Goodfellow et al., 2014).
 *
 * q is estimated with a kernel of width `blur`, and p is blurred as much, so that p = q gives 1/2. Where hardly any
 * point of either kind lies, no answer is right or wrong: those are NaN.
 *
 * @throws {TypeError | RangeError} if an option is missing or wrong, or there is no point.
 */
export function bestAnswers(
  fake: ArrayLike<number>,
  options: BestAnswersOptions,
): Float64Array {
  const required = ["cloud", "grid", "blur"];
  checkOptions("find the best answers", options, { kinds: BEST_KINDS, required });
  const { cloud, grid, blur } = options;
  const q = estimateDensity(fake, { grid, blur });
  const p = q.map((_, i) =>
    cloud.density([grid.points[2 * i]!, grid.points[2 * i + 1]!], { blur })
  );
  const both = q.map((density, i) => density + p[i]!);
  const least = EMPTY * both.reduce((a, b) => Math.max(a, b));
  return p.map((density, i) => both[i]! < least ? NaN : density / both[i]!);
}
