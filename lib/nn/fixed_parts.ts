/** Refuses changes of the parts of a network that its steps are compiled with. */
import { describeValue } from "../check/mod.ts";

/**
 * Throws an error for an assignment to a part, because the assignment would have no effect.
 *
 * @param name Name of the network in the error.
 */
export function refuseChange(part: string, name: string, other: unknown): never {
  throw new TypeError(
    `Cannot change the ${part} of the ${name}: expected the one that it was made with, ` +
      `got ${describeValue(other)}; make a new ${name}`,
  );
}
