/** Saves and restores parts whose state is plain data, such as random generators and batches. */
import { isPlainObject } from "../check/mod.ts";
import { NotFinite } from "./checkpoint_arrays.ts";
import type { Restore } from "./checkpoint_model.ts";
import { Damage } from "./damage.ts";

/** Object with a state of plain data, such as a `Random`, a `Batches`, or an object of your own. */
export interface Resumable {
  /** Returns the state as data that JSON can represent. */
  state(): unknown;
  /** Continues from a state. If it throws, it must not have changed anything. */
  restore(state: unknown): void;
}

/**
 * Returns the state of a part.
 *
 * @throws {TypeError | RangeError} if JSON cannot represent the state exactly.
 */
export function saveState(what: string, part: Pick<Resumable, "state">): unknown {
  const state = part.state();
  checkPlain(what, state);
  return state;
}

function checkPlain(what: string, value: unknown): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new NotFinite(
      `Cannot save a checkpoint: expected finite numbers, got ${value} in the state of ${what}`,
    );
  }
  if (value === null || ["number", "string", "boolean"].includes(typeof value)) return;
  if (Array.isArray(value) || isPlainObject(value)) {
    return Object.values(value).forEach((inner) => checkPlain(what, inner));
  }
  throw new TypeError(
    `Cannot save a checkpoint: expected the state of ${what} to be numbers, strings, true, false, ` +
      `null, and arrays and objects of them, got ${Deno.inspect(value, { depth: 0 })}`,
  );
}

/**
 * Checks that a part accepts a saved state: restores it, then restores the present state. Returns
 * the function that restores the saved state.
 *
 * @throws {Damage} if the part refuses the state, and its form differs from the present state's.
 * @throws the error of the part, if the form is the same.
 */
export function planState(what: string, part: Resumable, saved: unknown): Restore {
  const before = part.state();
  try {
    part.restore(saved);
  } catch (error) {
    if (hasForm(saved, before)) throw error;
    throw new Damage(`expected a state of ${what}, got ${JSON.stringify(saved)?.slice(0, 60)}`, {
      cause: error,
    });
  }
  part.restore(before);
  return () => part.restore(saved);
}

/** Tells whether two values have the same types, including all their entries. */
function hasForm(value: unknown, model: unknown): boolean {
  if (typeof value !== typeof model || Array.isArray(value) !== Array.isArray(model)) return false;
  if (Array.isArray(value) || !isPlainObject(model)) return true;
  return isPlainObject(value) &&
    Object.keys(model).every((key) => hasForm(value[key], model[key]));
}
