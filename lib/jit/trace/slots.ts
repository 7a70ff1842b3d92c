/**
 * Gives each variable its own slots of an optimizer.
 *
 * TensorFlow.js's optimizers find a variable's slots by its position in the list of variables, so that a list
 * that changes between two steps mixes them up. While a function is recorded they are put in order before
 * each step. A program has the addresses of its slots, so there the order has no effect.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { replace } from "./backend.ts";
import { OPTIMIZERS } from "./rate_watch.ts";

/** A slot, named after its variable: `dense/kernel/m`. */
interface OptimizerSlot {
  readonly originalName: string;
}

/** The gradients that an optimizer is given: names in order, or tensors by name. */
type Gradients = readonly { readonly name: string }[] | Readonly<Record<string, tf.Tensor>>;

interface Updating {
  applyGradients(gradients: Gradients): unknown;
  setWeights(weights: readonly unknown[]): Promise<void>;
}

/**
 * The variables of slots that `setWeights` made: unknown until a step uses them, since these slots go by
 * position, whatever their names are. They may be names of another process, or of variables of another model.
 */
const placed = new WeakMap<OptimizerSlot, string | undefined>();

// At once, since optimizers get their slots back before or after a function is compiled.
for (const { prototype } of OPTIMIZERS) {
  replace(
    prototype as unknown as Updating,
    "setWeights",
    (set) =>
      async function (this: Updating, weights) {
        await set.call(this, weights);
        for (const slots of slotLists(this)) slots.forEach((slot) => placed.set(slot!, undefined));
      },
  );
}

let sorts: boolean | undefined;

/** Puts slots in order before each step, until the returned function is called. */
export function sortSlotsOfSteps(): () => void {
  if (sorts === undefined) watchSteps();
  sorts = true;
  return () => sorts = false;
}

/**
 * Watches the steps of all optimizers. The watch stays, because V8 discards compiled code whenever
 * a prototype changes.
 */
function watchSteps(): void {
  for (const { prototype } of OPTIMIZERS) {
    replace(
      prototype as unknown as Updating,
      "applyGradients",
      (apply) =>
        function (this: Updating, gradients: Gradients) {
          if (sorts) sortSlotsOf(this, gradients);
          return apply.call(this, gradients);
        },
    );
  }
}

function sortSlotsOf(optimizer: Updating, gradients: Gradients): void {
  const names = Array.isArray(gradients)
    ? gradients.map(({ name }: { readonly name: string }) => name)
    : Object.keys(gradients);
  for (const slots of slotLists(optimizer)) {
    slots.forEach((slot, i) => {
      if (slot && variableOf(slot) === undefined) placed.set(slot, names[i]);
    });
    sortSlots(slots, names);
  }
}

/** Moves the slot of each name to the position of the name; those of other variables come after. */
function sortSlots(slots: (OptimizerSlot | undefined)[], names: readonly string[]): void {
  const inPlace = names.every((name, i) => !slots[i] || variableOf(slots[i]) === name) &&
    slots.length <= names.length;
  if (inPlace) return;
  const present = slots.filter((slot) => slot !== undefined);
  const bySlot = new Map(present.map((slot) => [variableOf(slot), slot]));
  const others = present.filter((slot) => !names.includes(variableOf(slot)!));
  slots.splice(0, slots.length, ...names.map((name) => bySlot.get(name)), ...others);
}

/** Returns the name of a slot's variable, if it is known. */
function variableOf(slot: OptimizerSlot): string | undefined {
  if (placed.has(slot)) return placed.get(slot);
  const { originalName } = slot;
  return originalName.slice(0, originalName.lastIndexOf("/"));
}

function slotLists(optimizer: object): (OptimizerSlot | undefined)[][] {
  return Object.values(optimizer).filter((field) =>
    Array.isArray(field) && field.every((item) => typeof item?.originalName === "string")
  );
}
