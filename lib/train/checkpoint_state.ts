/** Parts of a run whose state is plain data: random generators, positions in the data, the reader's own. */
import { isPlainObject } from "../check/mod.ts";
import { NotFinite } from "./checkpoint_arrays.ts";
import type { Restore } from "./checkpoint_model.ts";
import { Damage } from "./damage.ts";

/** Something whose state is plain data: a `Random`, `Batches`, or one's own. */
export interface Resumable {
  /** The state, as JSON can hold it. */
  state(): unknown;
  /** Goes on from a state, or throws and stays as it was. */
  restore(state: unknown): void;
}

/**
 * Asks a part for its state.
 *
 * @throws {TypeError | RangeError} if JSON would not give the state back as it is.
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
 * Finds out whether a part takes a saved state: it is tried, and the part then goes back to where it was.
 *
 * @throws {Damage} if the state has another form than the part's own.
 * @throws what the part throws, if the state has the same form.
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

/** Tells whether two values are of the same types, all the way down. */
function hasForm(value: unknown, model: unknown): boolean {
  if (typeof value !== typeof model || Array.isArray(value) !== Array.isArray(model)) return false;
  if (Array.isArray(value) || !isPlainObject(model)) return true;
  return isPlainObject(value) &&
    Object.keys(model).every((key) => hasForm(value[key], model[key]));
}
