/**
 * Learning rates as inputs, so that a schedule only changes a number in memory and does not trace again.
 *
 * A recording has an optimizer's learning rate as a constant among others. When it is traced again
 * because the rate changed, and the only constants that differ are the old and the new rate or their
 * negatives, those constants are the rate.
 * @module
 */
import { difference } from "./compare.ts";
import type { RateField } from "./guards.ts";
import { OptimizerSteps, type Rate, type RateInput } from "./optimizer_steps.ts";
import type { Leaf, Recording, TensorRef } from "./recording.ts";

type ConstantLeaf = Leaf & { readonly kind: "constant" };

/**
 * Converts learning rates from constants to inputs of a recording. Returns undefined if anything
 * else has changed.
 */
export function withRateInputs(before: Recording, now: Recording): Recording | undefined {
  const rates = before.guards.changedRates();
  const found = difference(before, now);
  const watch = now.steps.rates;
  if (!rates || watch.isReadOutside || (found && found.kind !== "values")) return undefined;
  const internal = rates.filter(({ owner }) => watch.isInternal(owner));
  const inputs = [...now.inputs];
  const rateInputs: RateInput[] = [];
  const leaves: Leaf[] = [];
  for (const [i, leaf] of now.leaves.entries()) {
    const old = before.leaves[i]!;
    if (leaf.kind !== "constant" || old.kind !== "constant") {
      leaves.push(leaf);
      continue;
    }
    const ofTensor = now.guards.rateOfTensor(leaf.values);
    const rate = ofTensor && watch.isInternal(ofTensor.owner)
      ? ofTensor
      : onlyRate(internal, old, leaf);
    const ref = refOf(now, leaf.data);
    if (!rate && sameValues(old, leaf)) leaves.push(leaf);
    else if (!rate || !ref) return undefined;
    else {
      rateInputs.push({ ...rate, input: inputs.length, values: leaf.values });
      leaves.push({ kind: "input", data: leaf.data, index: inputs.length });
      inputs.push(ref);
    }
  }
  if (rateInputs.length === 0) return undefined;
  const guards = now.guards.withoutRates(rateInputs);
  return { ...now, inputs, leaves, guards, steps: new OptimizerSteps(now.steps, rateInputs) };
}

/** Finds the only learning rate that accounts for a changed constant; undefined if several could. */
function onlyRate(
  rates: readonly RateField[],
  before: ConstantLeaf,
  now: ConstantLeaf,
): Rate | undefined {
  if (sameValues(before, now) || !now.origin?.isOptimizers) return undefined;
  if (now.values.length !== 1 || !(now.values instanceof Float32Array)) return undefined;
  const explains = (rate: RateField, sign: number) =>
    Math.fround(sign * rate.before) === before.values[0] &&
    Math.fround(sign * rate.owner.learningRate) === now.values[0];
  const found = rates.flatMap((rate) =>
    [1, -1].filter((sign) => explains(rate, sign)).map((sign) => ({
      owner: rate.owner,
      read: () => sign * rate.owner.learningRate,
    }))
  );
  return found.length === 1 ? found[0] : undefined;
}

function sameValues(a: ConstantLeaf, b: ConstantLeaf): boolean {
  return a.values.length === b.values.length &&
    b.values.every((value, i) => Object.is(value, a.values[i]));
}

/** Finds a reference to some data; undefined if not all are float32. */
function refOf({ kernels, results, assigns }: Recording, data: number): TensorRef | undefined {
  const refs = [
    ...kernels.flatMap(({ inputs }) => inputs.map(([, ref]) => ref)),
    ...results,
    ...assigns.map(({ value }) => value),
  ].filter((ref) => ref.data === data);
  return refs.every(({ dtype }) => dtype === "float32") ? refs[0] : undefined;
}
