/** Reads what a file claims to be: a value of another kind means that the file is damaged. */
import { describeValue, isPlainObject, type Kind } from "../check/mod.ts";

/** Says that a checkpoint is not whole or makes no sense, so that the one before it may be used. */
export class Damage extends RangeError {}

/** The kind of objects in JSON, arrays not included. */
export const RECORD: Kind = {
  expected: "an object",
  fault: (value) => isPlainObject(value) ? undefined : "type",
};

/**
 * Gives a value back once it is of a kind; `what` is its name in the message.
 *
 * @throws {Damage} if it is not.
 */
export function expectKind<T>(what: string, value: unknown, kind: Kind): T {
  if (kind.fault(value)) {
    throw new Damage(`expected ${what} to be ${kind.expected}, got ${describeValue(value)}`);
  }
  return value as T;
}

/**
 * Parses the JSON of a file.
 *
 * @throws {Damage} if the file is missing or no JSON.
 */
export function parseJson(file: string, bytes: Uint8Array | undefined): unknown {
  if (!bytes) throw new Damage(`expected a file ${file}, got none`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new Damage(`expected ${file} to hold JSON, got a file that does not`, { cause: error });
  }
}

/** Gives the message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
