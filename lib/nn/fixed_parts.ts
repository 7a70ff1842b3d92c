/** Parts of a network that stay what they are: its steps are compiled with them. */
import { describeValue } from "../check/mod.ts";

/**
 * Fixes parts of a network: from now on an assignment is an error, where it would have no effect.
 *
 * @param name What the error calls the network.
 */
export function fixParts<T extends object>(
  network: T,
  { name, parts }: { readonly name: string; readonly parts: readonly (keyof T & string)[] },
): void {
  for (const part of parts) {
    const value = network[part];
    const set = (other: unknown) => {
      throw new TypeError(
        `Cannot change the ${part} of the ${name}: expected the one that it was made with, ` +
          `got ${describeValue(other)}; make a new ${name}`,
      );
    };
    Object.defineProperty(network, part, { get: () => value, set });
  }
}
