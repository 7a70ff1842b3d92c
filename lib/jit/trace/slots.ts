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
}

/** Puts slots in order before each step, until the returned function is called. */
export function sortSlotsOfSteps(): () => void {
  const undo = OPTIMIZERS.map(({ prototype }) =>
    replace(
      prototype as unknown as Updating,
      "applyGradients",
      (apply) =>
        function (this: Updating, gradients: Gradients) {
          const names = Array.isArray(gradients)
            ? gradients.map(({ name }: { readonly name: string }) => name)
            : Object.keys(gradients);
          for (const field of Object.values(this)) if (isSlotList(field)) sortSlots(field, names);
          return apply.call(this, gradients);
        },
    )
  );
  return () => undo.forEach((restore) => restore());
}

/** Moves the slot of each name to the position of the name; those of other variables come after. */
function sortSlots(slots: (OptimizerSlot | undefined)[], names: readonly string[]): void {
  const inPlace = names.every((name, i) => !slots[i] || variableOf(slots[i]) === name) &&
    slots.length <= names.length;
  if (inPlace) return;
  const present = slots.filter((slot) => slot !== undefined);
  const bySlot = new Map(present.map((slot) => [variableOf(slot), slot]));
  const others = present.filter((slot) => !names.includes(variableOf(slot)));
  slots.splice(0, slots.length, ...names.map((name) => bySlot.get(name)), ...others);
}

function variableOf({ originalName }: OptimizerSlot): string {
  return originalName.slice(0, originalName.lastIndexOf("/"));
}

function isSlotList(field: unknown): field is OptimizerSlot[] {
  return Array.isArray(field) && field.every((item) => typeof item?.originalName === "string");
}
