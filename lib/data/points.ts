/** Clouds of points in the plane: mixtures of equal Gaussians, so that samples and density are both exact. */
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

/** A place in the plane. */
export type Point = readonly [x: number, y: number];

/** Options of {@linkcode PointCloud}. */
export interface PointCloudOptions {
  /** Where the Gaussians stand. */
  readonly centers: readonly Point[];
  /** The standard deviation of each of them, in both directions. */
  readonly spread: number;
  /** How many neighbouring centers make one mode; 1 by default, so that every center is one. */
  readonly centersPerMode?: number;
}

const TASK = "make points";
const above0 = finiteNumber({ above: 0 });
const from1 = wholeNumber({ from: 1, to: 2 ** 24 });
/** How many centers a cloud may have: a density visits them all. */
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

/** A generated point is good up to this many spreads from a center; of real points 1.1 % are further away. */
const GOOD_SPREADS = 3;

/** A mode is found from this part of its fair share of the points on. */
const FOUND_SHARE = 1 / 4;

/** How well points cover a cloud. */
export interface Coverage {
  /** How many modes have at least a quarter of their fair share of good points. */
  readonly found: number;
  /** The share of the points that are within three spreads of a center, 0 to 1. */
  readonly good: number;
  /** The share of all points that is good and belongs to each mode, in order of the modes. */
  readonly shares: readonly number[];
}

/**
 * A distribution of points: one of the centers, each equally likely, plus normal noise.
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
  /** Where the Gaussians stand. */
  readonly centers: readonly Point[];
  /** The standard deviation of each of them, in both directions. */
  readonly spread: number;
  /** How many modes the centers make. */
  readonly modes: number;
  readonly #centersPerMode: number;

  /**
   * Takes the centers.
   *
   * @throws {TypeError | RangeError} if an option is unknown or wrong, or if there are no centers or not a
   * multiple of `centersPerMode`.
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
   * Draws `count` points, `[count, 2]`: x and y of one point after the other.
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
   * Computes the probability density at a place.
   *
   * With `blur` it is the density of points that are moved by normal noise of that standard deviation: what
   * an estimate with a Gaussian kernel of that width approaches.
   *
   * @throws {TypeError | RangeError} if the place is no pair of finite numbers, or an option is unknown or wrong.
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
   * Finds the mode that a point belongs to, from 0 on; `undefined` if it is too far from all centers.
   *
   * @throws {TypeError} if the place is no pair of finite numbers.
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
   * @throws {TypeError | RangeError} if they are not numbers, if there is no point, or half of one.
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
  /** How many Gaussians there are. Default 8. */
  readonly modes?: number;
  /** How far they are from the middle. Default 2. */
  readonly radius?: number;
  /** Their standard deviation. Default 0.1. */
  readonly spread?: number;
}

/** Makes a ring of Gaussians, by default eight: the usual test of mode collapse. */
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
  /** How many Gaussians there are along each side. Default 4. */
  readonly side?: number;
  /** How far the outer ones are from the middle line. Default 2. */
  readonly reach?: number;
  /** Their standard deviation. Default 0.1. */
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

/** How many Gaussians stand along a curve; they are closer than their spread, so no gap is seen. */
const CURVE_CENTERS = 96;
/** The two curves are cut into this many modes. */
const CURVE_MODES = 8;

/** Makes points along a curve, from the share of its length that lies behind each. */
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
  /** How far points are from the curve, as a standard deviation. Default 0.1. */
  readonly spread?: number;
}

/** Makes two half circles that reach into each other; each is cut into four modes. */
function moons(options: CurveOptions = {}): PointCloud {
  return curve(options, (share) => {
    const angle = Math.PI * (2 * share % 1);
    const [x, y] = [1.4 * Math.cos(angle), 1.4 * Math.sin(angle)];
    return share < 0.5 ? [x - 0.7, y - 0.35] : [0.7 - x, 0.35 - y];
  });
}

/** Makes a spiral of one and a half turns; it is cut into eight modes of equal length. */
function spiral(options: CurveOptions = {}): PointCloud {
  const [inner, outer] = [0.5, 2];
  return curve(options, (share) => {
    // Radius and angle grow together; the root makes the length even where the radius is large.
    const radius = Math.sqrt(inner ** 2 + share * (outer ** 2 - inner ** 2));
    const angle = 3 * Math.PI * (radius - inner) / (outer - inner);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** The clouds by the names that the notebooks use. */
export const pointClouds = { ring, grid, moons, spiral } as const;
