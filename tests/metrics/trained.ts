/** Trains a classifier for a few seconds, enough to recognize digits. */
import type { Mnist } from "../../lib/data/mod.ts";
import type { Classifier, ClassifierNetwork } from "../../lib/metrics/mod.ts";
import { loadClassifier } from "../../lib/metrics/mod.ts";
import { smallMnist } from "./small_mnist.ts";

/** Classifier and the digits that it learnt. */
export interface Trained {
  readonly classifier: Classifier;
  readonly mnist: Mnist;
}

/** Trains on 2,000 digits, four times. */
export async function briefly(
  options: { readonly network?: ClassifierNetwork } = {},
): Promise<Trained> {
  const mnist = await smallMnist(2000, 600);
  const folder = await Deno.makeTempDir();
  const classifier = await loadClassifier(mnist, { folder, epochs: 4, ...options });
  await Deno.remove(folder, { recursive: true });
  return { classifier, mnist };
}
