/** Precision and recall of samples: how many look real, and how much of what is real they cover. */
import { checkOptions, type Kinds, wholeNumber } from "../check/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { checkSameFeatures, countSamples, type Features } from "./features.ts";

/** Options of `precisionAndRecall`: how neighbourhoods are drawn, and who watches. */
export interface PrecisionRecallOptions extends LoopOptions {
  /** A sample's neighbourhood reaches to its k-th nearest neighbour; 3 as in the paper. */
  readonly k?: number;
}

/** Two shares from 0 to 1. */
export interface PrecisionRecall {
  /** The share of generated samples that are in the neighbourhood of a real one. */
  readonly precision: number;
  /** The share of real samples that are in the neighbourhood of a generated one. */
  readonly recall: number;
}

const TASK = "measure precision and recall";

/** The kind of k, the number of a neighbour. */
export const NEIGHBOUR = wholeNumber({ from: 1 });

const KINDS: Kinds<PrecisionRecallOptions> = { ...LOOP_KINDS, k: NEIGHBOUR };

/** How many numbers are summed between two looks at whether a distance is already too large. */
const BLOCK = 16;

/** The squared distance of two rows, or some number over `limit` if it is over `limit`. */
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

/** The squared distance of sample `i` to the k-th nearest other one of its set. */
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

/** Whether sample `i` is in the neighbourhood of any sample of another set. */
function isCovered(features: Features, i: number, by: Features, radii: Float64Array): boolean {
  for (let j = 0; j < radii.length; j++) {
    if (distance(features, i, { to: by, at: j, limit: radii[j]! }) <= radii[j]!) return true;
  }
  return false;
}

/**
 * Precision and recall of Kynkäänniemi et al. ("Improved precision and recall metric for assessing
 * generative models", 2019): every sample stands for a ball that reaches to its k-th nearest
 * neighbour in its own set.
 *
 * Broken samples cost precision, missing modes cost recall. (A little blur or noise costs recall
 * first.) 1,000 samples against 1,000 of 128 numbers take half a second; the time grows with the
 * square of the number of samples.
 *
 * @throws {TypeError | RangeError} if a set has k samples or fewer, they are not whole rows of finite
 * numbers of one width, or an option is not known or of another kind.
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
