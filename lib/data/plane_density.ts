/** Densities of points on a square grid, and the best possible answers of a discriminator there. */
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
  /** Half the length of the grid's side: it covers -reach to reach in x and in y; 3 by default. */
  readonly reach?: number;
  /** Number of cells along each side; 40 by default. */
  readonly cells?: number;
}

const GRID_KINDS: Kinds<PlaneGridOptions> = {
  reach: finiteNumber({ above: 0 }),
  cells: wholeNumber({ from: 1, to: 1000 }),
};

/**
 * Square grid of cells around the origin. Cells are listed row by row, the lowest row first.
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
  /** Half the length of the grid's side: it covers -reach to reach in x and in y. */
  readonly reach: number;
  /** Number of cells along each side. */
  readonly cells: number;
  /** Length of a cell's side. */
  readonly step: number;
  /**
   * The x of the centers of each column of cells, from left to right, which is also the y of each
   * row, from below.
   */
  readonly middles: readonly number[];
  /** Centers of all cells, `[cells * cells, 2]`. */
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
 * Estimates the density of points `[count, 2]` with a Gaussian kernel. Returns the density at the
 * center of each cell, `[cells * cells]`.
 *
 * Points are first counted per cell, so `blur` should be at least the side of a cell. Points
 * outside the grid are ignored: the sum over all cells, multiplied by the area of a cell, is the
 * share of the kernels that lies inside.
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

/**
 * Computes the weights of a Gaussian at whole numbers, up to four standard deviations away. Their
 * sum is 1.
 */
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
  /** Distance of neighbours in the list of cells: 1 along a row, `cells` along a column. */
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

/** Cells have no answer where p + q is below this fraction of its maximum. */
const EMPTY = 1e-3;

/**
 * Computes p / (p + q) at the center of each cell, `[cells * cells]`: the answer of the best
 * possible discriminator, where p is the density of the cloud and q that of the generated points
 * `[count, 2]` (Goodfellow et al., 2014).
 *
 * q is estimated with a kernel of width `blur`, and p is blurred by the same width, so that p = q
 * gives 1/2. Where there are hardly any points, real or generated, the answer is NaN, because the
 * estimate would be noise.
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
