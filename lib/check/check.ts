/** Checks arguments and options. If one is wrong, throws an error; all errors have the same form. */
import { closestMatch } from "leven";
import { describeValue } from "./describe_value.ts";
import { isPlainObject, type Kind } from "./kinds.ts";

/**
 * Table with a kind for each option of `T`. `const KINDS: Kinds<T>` does not compile if an option
 * is missing.
 */
export type Kinds<T> = { readonly [K in keyof T]-?: Kind };

/**
 * Throws an error if a value is not of the expected kind.
 *
 * ```ts
 * import { check, wholeNumber } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * check("draw digits", { columns: 4 }, wholeNumber({ from: 1 }));
 * assert.throws(() => check("draw digits", { columns: 0 }, wholeNumber({ from: 1 })), {
 *   name: "RangeError",
 *   message: "Cannot draw digits: expected columns to be a whole number from 1 on, got 0",
 * });
 * ```
 *
 * @param task Task of the caller, as the words that follow "Cannot" in the error.
 * @param named Values, each under the name of its argument.
 * @param kind Kind that every value must have.
 * @throws {TypeError} if a value has another type.
 * @throws {RangeError} if a value has the right type, but is out of range.
 */
export function check(task: string, named: Readonly<Record<string, unknown>>, kind: Kind): void {
  for (const name in named) {
    const value = named[name];
    const fault = faultOf(value, kind);
    if (!fault) continue;
    const ErrorClass = fault === "range" ? RangeError : TypeError;
    throw new ErrorClass(
      `Cannot ${task}: expected ${name} to be ${kind.expected}, got ${describeValue(value)}`,
    );
  }
}

/**
 * Throws an error if options are not an object, have an unknown name, or have a value of the wrong
 * kind. An option that is `undefined` counts as absent, unless its name is in `required`.
 *
 * ```ts
 * import { checkOptions, finiteNumber } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const kinds = { gamma: finiteNumber({ from: 0 }) };
 * checkOptions("make a penalty", { gamma: 1 }, { kinds });
 * assert.throws(() => checkOptions("make a penalty", { gama: 1 }, { kinds }), {
 *   message: 'Cannot make a penalty: expected options gamma, got "gama"; did you mean gamma?',
 * });
 * ```
 *
 * @throws {TypeError} if the options are not an object, a name is unknown, or a value has another
 * type.
 * @throws {RangeError} if a value has the right type, but is out of range.
 */
export function checkOptions(
  task: string,
  options: unknown,
  { kinds, required = [] }: {
    readonly kinds: Readonly<Record<string, Kind>>;
    readonly required?: readonly string[];
  },
): void {
  if (!isPlainObject(options)) {
    throw new TypeError(
      `Cannot ${task}: expected an object of options, got ${describeValue(options)}`,
    );
  }
  for (const name in options) if (!Object.hasOwn(kinds, name)) refuseName(task, name, kinds);
  for (const name in kinds) {
    const value = options[name];
    if (value !== undefined || required.includes(name)) {
      check(task, { [name]: value }, kinds[name]!);
    }
  }
}

/** Tells whether a value is of a kind. Takes about 10 ns, so that inner loops can use it. */
export function isOfKind(value: unknown, kind: Kind): boolean {
  return faultOf(value, kind) === undefined;
}

/**
 * Finds the fault of a value. A value that throws when it is read, such as a revoked proxy, has the
 * wrong type.
 */
function faultOf(value: unknown, kind: Kind): ReturnType<Kind["fault"]> {
  try {
    return kind.fault(value);
  } catch {
    return "type";
  }
}

function refuseName(task: string, name: string, table: Readonly<Record<string, Kind>>): never {
  const known = Object.keys(table);
  const nearest = closestMatch(plain(name), known.map(plain), {
    maxDistance: Math.ceil(name.length / 3),
  });
  const meant = known.find((candidate) => plain(candidate) === nearest);
  throw new TypeError(
    `Cannot ${task}: expected options ${known.join(", ")}, got "${name}"` +
      (meant === undefined ? "" : `; did you mean ${meant}?`),
  );
}

/** Removes case and separators, so that `save_every` is near `saveEvery`. */
function plain(name: string): string {
  return name.replace(/[_-]/g, "").toLowerCase();
}
