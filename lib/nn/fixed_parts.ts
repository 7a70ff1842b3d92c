/** Parts of a network that stay what they are: its steps are compiled with them. */
import { describeValue } from "../check/mod.ts";

/**
 * Refuses the assignment of a part, which would have no effect.
 *
 * @param name What the error calls the network.
 */
export function refuseChange(part: string, name: string, other: unknown): never {
  throw new TypeError(
    `Cannot change the ${part} of the ${name}: expected the one that it was made with, ` +
      `got ${describeValue(other)}; make a new ${name}`,
  );
}
