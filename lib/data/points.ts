/**
 * Distributions of points in the plane. Each is a mixture of equal Gaussians, so its samples and
 * its density are exact.
 */
import {
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kinds,
  listOf,
  number,
  wholeNumber,
} from "../check/mod.ts";
import { defaultRandom, Random } from "./random.ts";

/** Point in the plane. */
export type Point = readonly [x: number, y: number];

/** Options of {@linkcode PointCloud}. */
export interface PointCloudOptions {
  /** Centers of the Gaussians. */
  readonly centers: readonly Point[];
  /** Standard deviation of each Gaussian, in x and in y. */
  readonly spread: number;
  /** Number of neighbouring centers that count as one mode; 1 by default. */
  readonly centersPerMode?: number;
}

const TASK = "make points";
const above0 = finiteNumber({ above: 0 });
const from1 = wholeNumber({ from: 1, to: 2 ** 24 });
/** Allowed numbers of centers. `density` computes a term for each of them. */
const centerCount = wholeNumber({ from: 1, to: 1000 });
const point = {
  expected: "a pair of finite numbers",
  fault: (value: unknown) =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) ? undefined : "type",
} as const;
const KINDS: Kinds<PointCloudOptions> = {
  centers: arrayOf(point),
  spread: above0,
  centersPerMode: from1,
};

/** Maximum distance of a good point from a center, in spreads. 1.1 % of the real points are further away. */
const GOOD_SPREADS = 3;

/** Minimum share of good points for a mode to count as found, relative to an equal share for each mode. */
const FOUND_SHARE = 1 / 4;

/** Measures of how well points cover the modes of a cloud. */
export interface Coverage {
  /**
   * Number of modes that were found: each has at least a quarter of the good points that it would
   * have if all points were good and spread equally over the modes.
   */
  readonly found: number;
  /** Share of the points that lie within three spreads of a center, 0 to 1. */
  readonly good: number;
  /** Share of all points that are good and belong to a mode, for each mode in order. */
  readonly shares: readonly number[];
}

/**
 * Distribution of points: a random center, each equally likely, plus normal noise.
 *
 * ```ts
 * import { pointClouds, Random } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const ring = pointClouds.ring();
 * const points = ring.draw(500, new Random(1)); // x, y, x, y, …
 * assert.equal(points.length, 1000);
 * assert.equal(ring.coverage(points).found, 8);
 * ```
 */
export class PointCloud {
  /** Centers of the Gaussians. */
  readonly centers: readonly Point[];
  /** Standard deviation of each Gaussian, in x and in y. */
  readonly spread: number;
  /** Number of modes. */
  readonly modes: number;
  readonly #centersPerMode: number;

  /**
   * Makes the distribution with the given centers.
   *
   * @throws {TypeError | RangeError} if an option is unknown or wrong, or the number of centers is
   * 0 or not a multiple of `centersPerMode`.
   */
  constructor(options: PointCloudOptions) {
    checkOptions(TASK, options, { kinds: KINDS, required: ["centers", "spread"] });
    const { centers, spread, centersPerMode = 1 } = options;
    const modes = centers.length / centersPerMode;
    if (!(Number.isInteger(modes) && modes > 0)) {
      refuse(`a multiple of ${centersPerMode} centers`, centers.length);
    }
    this.centers = centers;
    this.spread = spread;
    this.modes = modes;
    this.#centersPerMode = centersPerMode;
  }

  /**
   * Draws `count` points `[count, 2]`, as x and y in turn.
   *
   * @throws {TypeError | RangeError} if `count` is not a whole number from 1 on.
   */
  draw(count: number, rng: Random = defaultRandom()): Float32Array {
    check(TASK, { count }, from1);
    check(TASK, { rng }, instanceOf(Random));
    const points = new Float32Array(2 * count);
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = this.centers[rng.below(this.centers.length)]!;
      points[i] = rng.normal(x, this.spread);
      points[i + 1] = rng.normal(y, this.spread);
    }
    return points;
  }

  /**
   * Computes the probability density at a point.
   *
   * With `blur`, computes the density of points to which normal noise with that standard deviation
   * is added. A kernel estimate of that width approaches this density.
   *
   * @throws {TypeError | RangeError} if `place` is not a pair of finite numbers, or an option is
   * unknown or wrong.
   */
  density(place: Point, options: { readonly blur?: number } = {}): number {
    check("find the density", { place }, point);
    checkOptions("find the density", options, { kinds: { blur: finiteNumber({ from: 0 }) } });
    const [x, y] = place;
    const { blur = 0 } = options;
    const variance = this.spread ** 2 + blur ** 2;
    let sum = 0;
    for (const [cx, cy] of this.centers) {
      sum += Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * variance));
    }
    return sum / (2 * Math.PI * variance * this.centers.length);
  }

  /**
   * Finds the mode that a point belongs to, numbered from 0, or `undefined` if the point is too far
   * from all centers.
   *
   * @throws {TypeError} if `place` is not a pair of finite numbers.
   */
  modeOf(place: Point): number | undefined {
    check("find a mode", { place }, point);
    return this.#modeAt(place);
  }

  #modeAt([x, y]: Point): number | undefined {
    let nearest = 0;
    let least = Infinity;
    for (const [i, [cx, cy]] of this.centers.entries()) {
      const distance = Math.hypot(x - cx, y - cy);
      if (distance < least) [nearest, least] = [i, distance];
    }
    if (least > GOOD_SPREADS * this.spread) return undefined;
    return Math.floor(nearest / this.#centersPerMode);
  }

  /**
   * Measures how well points `[count, 2]` cover the modes.
   *
   * @throws {TypeError | RangeError} if `points` are not numbers, are empty, or have an odd length.
   */
  coverage(points: ArrayLike<number>): Coverage {
    check(TASK, { points }, listOf(number));
    const count = points.length / 2;
    if (!(Number.isInteger(count) && count > 0)) refuse("pairs of numbers", points.length);
    const counts = new Array<number>(this.modes).fill(0);
    for (let i = 0; i < points.length; i += 2) {
      const mode = this.#modeAt([points[i]!, points[i + 1]!]);
      if (mode !== undefined) counts[mode]!++;
    }
    const shares = counts.map((points) => points / count);
    return {
      found: shares.filter((share) => share >= FOUND_SHARE / this.modes).length,
      good: counts.reduce((sum, points) => sum + points) / count,
      shares,
    };
  }
}

function refuse(expected: string, got: number): never {
  throw new RangeError(`Cannot ${TASK}: expected ${expected}, got ${got}`);
}

/** Options of {@linkcode pointClouds}.ring. */
export interface RingOptions {
  /** Number of Gaussians; 8 by default. */
  readonly modes?: number;
  /** Distance of the centers from the origin; 2 by default. */
  readonly radius?: number;
  /** Standard deviation of each Gaussian; 0.1 by default. */
  readonly spread?: number;
}

/** Makes a ring of Gaussians, eight by default. It is the usual test for mode collapse. */
function ring(options: RingOptions = {}): PointCloud {
  checkOptions(TASK, options, { kinds: { modes: centerCount, radius: above0, spread: above0 } });
  const { modes = 8, radius = 2, spread = 0.1 } = options;
  const centers = Array.from({ length: modes }, (_, i) => {
    const angle = 2 * Math.PI * i / modes;
    return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
  });
  return new PointCloud({ centers, spread });
}

/** Options of {@linkcode pointClouds}.grid. */
export interface GridOptions {
  /** Number of Gaussians along each side; 4 by default. */
  readonly side?: number;
  /** Half the side of the grid: centers lie from -reach to reach in x and in y; 2 by default. */
  readonly reach?: number;
  /** Standard deviation of each Gaussian; 0.1 by default. */
  readonly spread?: number;
}

/** Makes a square grid of Gaussians. */
function grid(options: GridOptions = {}): PointCloud {
  checkOptions(TASK, options, {
    kinds: { side: wholeNumber({ from: 1, to: 100 }), reach: above0, spread: above0 },
  });
  const { side = 4, reach = 2, spread = 0.1 } = options;
  const at = (i: number) => side === 1 ? 0 : reach * (2 * i / (side - 1) - 1);
  const centers = Array.from(
    { length: side * side },
    (_, i) => [at(i % side), at(Math.floor(i / side))] as const,
  );
  return new PointCloud({ centers, spread });
}

/**
 * Number of Gaussians along a curve. Their distance is below their spread, so that the curve has no
 * visible gaps.
 */
const CURVE_CENTERS = 96;
/** Number of modes that the moons and the spiral are divided into. */
const CURVE_MODES = 8;

/** Makes points along a curve; `place` returns the point at a share of its length from 0 to 1. */
function curve(options: CurveOptions, place: (share: number) => Point): PointCloud {
  checkOptions(TASK, options, { kinds: { spread: above0 } });
  const centers = Array.from(
    { length: CURVE_CENTERS },
    (_, i) => place((i + 0.5) / CURVE_CENTERS),
  );
  const { spread = 0.1 } = options;
  return new PointCloud({ centers, spread, centersPerMode: CURVE_CENTERS / CURVE_MODES });
}

/** Options of {@linkcode pointClouds}.moons and {@linkcode pointClouds}.spiral. */
export interface CurveOptions {
  /** Standard deviation of the distance from the curve; 0.1 by default. */
  readonly spread?: number;
}

/** Makes two interlocking half circles, with four modes each. */
function moons(options: CurveOptions = {}): PointCloud {
  return curve(options, (share) => {
    const angle = Math.PI * (2 * share % 1);
    const [x, y] = [1.4 * Math.cos(angle), 1.4 * Math.sin(angle)];
    return share < 0.5 ? [x - 0.7, y - 0.35] : [0.7 - x, 0.35 - y];
  });
}

/** Makes a spiral with one and a half turns and eight modes of equal length. */
function spiral(options: CurveOptions = {}): PointCloud {
  const [inner, outer] = [0.5, 2];
  return curve(options, (share) => {
    // Radius and angle grow together. The square root spreads the centers evenly along the curve.
    const radius = Math.sqrt(inner ** 2 + share * (outer ** 2 - inner ** 2));
    const angle = 3 * Math.PI * (radius - inner) / (outer - inner);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** Clouds by name, as the notebooks use them: a ring and a grid of Gaussians, two moons, a spiral. */
export const pointClouds = { ring, grid, moons, spiral } as const;
