/** Describes values in error messages. */

/** Maximum number of characters of a string; the rest is cut off. */
const MAX_TEXT = 40;

/**
 * Describes a value in a few words that follow "got" in an error.
 *
 * ```ts
 * import { describeValue } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(describeValue("adam"), 'the string "adam"');
 * assert.equal(describeValue([1, 2]), "an array of length 2");
 * assert.equal(describeValue(-1.5), "-1.5");
 * ```
 */
export function describeValue(value: unknown): string {
  try {
    return nameValue(value);
  } catch {
    return "a value that cannot be read"; // some proxies and getters throw
  }
}

function nameValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `the string ${JSON.stringify(shorten(value))}`;
    case "function":
      return `the function ${nameFunction(value) || "without a name"}`;
    case "object":
      return value === null ? "null" : nameObject(value);
    case "bigint":
      return `the bigint ${shorten(String(value))}`;
    case "symbol":
      return "a symbol";
    default:
      return String(value);
  }
}

function shorten(value: string): string {
  return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}

/**
 * Finds the name of a function or class. Returns an empty string if there is none, or if a class has a
 * static member `name` that is not a string.
 */
function nameFunction(value: object): string {
  const name = Reflect.getOwnPropertyDescriptor(value, "name")?.value;
  return typeof name === "string" ? shorten(name) : "";
}

function nameObject(value: object): string {
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (ArrayBuffer.isView(value) && "length" in value) {
    return `a ${value.constructor.name} of length ${value.length}`;
  }
  const name = value.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== ""
    ? `an object of type ${shorten(name)}`
    : "an object";
}
