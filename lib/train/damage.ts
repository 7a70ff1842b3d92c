/** Reads values from files. A value of the wrong kind means that the file is damaged. */
import { describeValue, isPlainObject, type Kind } from "../check/mod.ts";

/** Error for a damaged checkpoint: an older checkpoint may be used instead. */
export class Damage extends RangeError {}

/** Kind of JSON objects; arrays are refused. */
export const RECORD: Kind = {
  expected: "an object",
  fault: (value) => isPlainObject(value) ? undefined : "type",
};

/**
 * Checks a value from a file and returns it; `what` is its name in the error.
 *
 * @throws {Damage} if the value is not of the kind.
 */
export function expectKind<T>(what: string, value: unknown, kind: Kind): T {
  if (kind.fault(value)) {
    throw new Damage(`expected ${what} to be ${kind.expected}, got ${describeValue(value)}`);
  }
  return value as T;
}

/**
 * Parses a JSON file.
 *
 * @throws {Damage} if the file is missing or not JSON.
 */
export function parseJson(file: string, bytes: Uint8Array | undefined): unknown {
  if (!bytes) throw new Damage(`expected a file ${file}, got none`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new Damage(`expected ${file} to contain JSON, got other text`, { cause: error });
  }
}

/** Returns the message of a thrown value of any type. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
