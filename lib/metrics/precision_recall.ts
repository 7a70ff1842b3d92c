/**
 * Precision and recall of samples: the share that looks real, and the share of real samples that
 * they cover.
 */
import { checkOptions, type Kinds, wholeNumber } from "../check/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { checkSameFeatures, countSamples, type Features } from "./features.ts";

/** Options of {@linkcode precisionAndRecall}. */
export interface PrecisionRecallOptions extends LoopOptions {
  /** Rank of the nearest neighbour that bounds the neighbourhood of a sample; 3 by default, as in the paper. */
  readonly k?: number;
}

/** Precision and recall, each from 0 to 1. */
export interface PrecisionRecall {
  /** Share of the generated samples that lie in the neighbourhood of a real sample. */
  readonly precision: number;
  /** Share of the real samples that lie in the neighbourhood of a generated sample. */
  readonly recall: number;
}

const TASK = "measure precision and recall";

/** Allowed values of `k`: a neighbourhood reaches to the k-th nearest neighbour. */
export const NEIGHBOUR = wholeNumber({ from: 1 });

const KINDS: Kinds<PrecisionRecallOptions> = { ...LOOP_KINDS, k: NEIGHBOUR };

/** Number of features that are added before the sum is compared with the limit. */
const BLOCK = 16;

/**
 * Computes the squared distance between two rows. If it is above `limit`, stops early and returns a
 * partial sum above `limit`.
 */
function distance(
  a: Features,
  i: number,
  { to: b, at: j, limit }: { readonly to: Features; readonly at: number; readonly limit: number },
): number {
  const { values: from, width } = a;
  const to = b.values;
  const shift = (j - i) * width;
  const last = (i + 1) * width;
  let sum = 0;
  for (let start = i * width; start < last && sum <= limit; start += BLOCK) {
    const end = Math.min(last, start + BLOCK);
    for (let p = start; p < end; p++) {
      const difference = from[p]! - to[p + shift]!;
      sum += difference * difference;
    }
  }
  return sum;
}

/** Computes the squared distance of sample `i` from its k-th nearest neighbour in the same set. */
function radius(features: Features, i: number, k: number): number {
  const nearest = new Float64Array(k).fill(Infinity);
  const count = features.values.length / features.width;
  for (let j = 0; j < count; j++) {
    if (j === i) continue;
    const found = distance(features, i, { to: features, at: j, limit: nearest[k - 1]! });
    if (found >= nearest[k - 1]!) continue;
    let place = k - 1;
    for (; place > 0 && nearest[place - 1]! > found; place--) nearest[place] = nearest[place - 1]!;
    nearest[place] = found;
  }
  return nearest[k - 1]!;
}

/** Tells whether sample `i` lies in the neighbourhood of any sample of another set. */
function isCovered(features: Features, i: number, by: Features, radii: Float64Array): boolean {
  for (let j = 0; j < radii.length; j++) {
    if (distance(features, i, { to: by, at: j, limit: radii[j]! }) <= radii[j]!) return true;
  }
  return false;
}

/**
 * Computes precision and recall (Kynkäänniemi et al., "Improved precision and recall metric for
 * assessing generative models", 2019). The neighbourhood of a sample is a ball that reaches to its
 * k-th nearest neighbour in the same set.
 *
 * Samples that do not look real lower the precision, and missing modes lower the recall. (A little
 * blur or noise lowers mostly the recall.) For 1,000 real and 1,000 generated samples with 128
 * features it takes half a second; the time grows with the square of the number of samples.
 *
 * @throws {TypeError | RangeError} if a set has k samples or fewer, the sets are not whole rows of
 * finite numbers of one width, or an option is unknown or wrong.
 */
export async function precisionAndRecall(
  real: Features,
  generated: Features,
  options: PrecisionRecallOptions = {},
): Promise<PrecisionRecall> {
  checkOptions(TASK, options, { kinds: KINDS });
  const { k = 3, ...watch } = options;
  checkSameFeatures(real, generated, TASK);
  const [reals, fakes] = [real, generated].map((features) =>
    countSamples(features, { task: TASK, atLeast: k + 1 })
  ) as [number, number];
  const radii = { real: new Float64Array(reals), generated: new Float64Array(fakes) };
  const covered = { real: 0, generated: 0 };
  for await (const step of steps(2 * (reals + fakes), watch)) {
    const i = step % (reals + fakes);
    const isReal = i < reals;
    const [own, other] = isReal ? ["real", "generated"] as const : ["generated", "real"] as const;
    const [set, sets] = [isReal ? i : i - reals, { real, generated }];
    if (step < reals + fakes) radii[own][set] = radius(sets[own], set, k);
    else if (isCovered(sets[own], set, sets[other], radii[other])) covered[own]++;
  }
  return { precision: covered.generated / fakes, recall: covered.real / reals };
}
