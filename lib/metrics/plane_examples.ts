/** Small sets of points that show what precision, recall and the Fréchet distance measure. */
import { check, instanceOf } from "../check/mod.ts";
import { Random } from "../data/mod.ts";
import type { Features } from "./features.ts";
import { frechetDistance } from "./frechet.ts";
import { precisionAndRecall } from "./precision_recall.ts";

/** Real and generated points, and their measures. */
export interface PlaneExample {
  /** Real points, `[count][2]`. */
  readonly real: readonly (readonly [x: number, y: number])[];
  /** Generated points, `[count][2]`. */
  readonly generated: readonly (readonly [x: number, y: number])[];
  /** Share of the generated points in the neighbourhood of a real point. */
  readonly precision: number;
  /** Share of the real points in the neighbourhood of a generated point. */
  readonly recall: number;
  /** Squared Fréchet distance between the two sets. */
  readonly frechet: number;
}

type Points = PlaneExample["real"];

/**
 * Draws 24 real points in two modes, and 24 generated points for each of three cases: they are
 * good, a mode is missing, or half of them are in a wrong place.
 *
 * @throws {TypeError} if `rng` is not a `Random`.
 */
export async function planeExamples(rng: Random): Promise<Record<string, PlaneExample>> {
  check("draw examples", { rng }, instanceOf(Random));
  const around = (x: number, y: number, count = 12) =>
    Array.from({ length: count }, () => [rng.normal(x, 0.25), rng.normal(y, 0.25)] as const);
  const modes = (count: number) => [...around(-1.2, 0, count), ...around(1.2, 0, count)];
  const real = modes(12);
  const half = modes(6);
  return {
    "good": await measured(real, modes(12)),
    "a mode is missing": await measured(real, around(-1.2, 0, 24)),
    "half are broken": await measured(real, [...half, ...around(0, 1.6)]),
  };
}

async function measured(real: Points, generated: Points): Promise<PlaneExample> {
  const [a, b] = [featuresOf(real), featuresOf(generated)];
  const frechet = await frechetDistance(a, b);
  return { real, generated, ...await precisionAndRecall(a, b), frechet };
}

function featuresOf(points: Points): Features {
  return { values: Float64Array.from(points.flat()), width: 2 };
}
