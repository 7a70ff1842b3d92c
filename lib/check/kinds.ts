/** Kinds of values: the types and ranges that arguments and options may have. */

/** Kind of a value: a test for values, and words for the error. */
export interface Kind {
  /** Words that follow "expected <name> to be", such as "a whole number from 1 on". */
  readonly expected: string;
  /**
   * Finds the fault of a value: `"type"` if it has another type, `"range"` if it is out of range,
   * `undefined` if it is of this kind.
   */
  fault(value: unknown): "type" | "range" | undefined;
}

/** Bounds of a number. `from` and `to` are allowed themselves, `above` and `below` are not. */
export interface Bounds {
  /** Smallest allowed number. */
  readonly from?: number;
  /** Largest allowed number. */
  readonly to?: number;
  /** Lower bound that is not allowed itself. */
  readonly above?: number;
  /** Upper bound that is not allowed itself. */
  readonly below?: number;
}

function describeBounds({ from, to, above, below }: Bounds): string {
  if (from !== undefined && to !== undefined) return ` from ${from} to ${to}`;
  const lower = from !== undefined
    ? ` from ${from} on`
    : above !== undefined
    ? ` above ${above}`
    : "";
  const upper = to !== undefined ? ` up to ${to}` : below !== undefined ? ` below ${below}` : "";
  return lower && upper ? `${lower.replace(/ on$/, "")} and${upper}` : lower + upper;
}

function isWithin(value: number, bounds: Bounds): boolean {
  const { from = -Infinity, to = Infinity, above = -Infinity, below = Infinity } = bounds;
  return value >= from && value <= to && value > above && value < below;
}

function numberKind(what: string, bounds: Bounds, fits: (value: number) => boolean): Kind {
  return {
    expected: `${what}${describeBounds(bounds)}`,
    fault: (value) => {
      if (typeof value !== "number") return "type";
      return fits(value) && isWithin(value, bounds) ? undefined : "range";
    },
  };
}

function typeKind(expected: string, accepts: (value: unknown) => boolean): Kind {
  return { expected, fault: (value) => accepts(value) ? undefined : "type" };
}

/** Makes the kind of whole numbers from -(2^53 - 1) to 2^53 - 1, or within narrower bounds. */
export function wholeNumber(bounds: Bounds = {}): Kind {
  return numberKind("a whole number", bounds, Number.isSafeInteger);
}

/** Makes the kind of finite numbers, optionally within bounds. */
export function finiteNumber(bounds: Bounds = {}): Kind {
  return numberKind("a finite number", bounds, Number.isFinite);
}

/** Kind of all numbers, including NaN and the infinities. */
export const number: Kind = typeKind("a number", (value) => typeof value === "number");

/** Kind of `true` and `false`. */
export const flag: Kind = typeKind("true or false", (value) => typeof value === "boolean");

/** Kind of all strings. */
export const text: Kind = typeKind("a string", (value) => typeof value === "string");

/**
 * Kind of folder paths. An empty string would mean the root of the disk, and a URL would become a
 * folder named "https:", so both are refused.
 */
export const folderPath: Kind = {
  expected: "the path of a folder",
  fault: (value) => {
    if (typeof value !== "string") return "type";
    return value.trim() === "" || value.includes("\0") || /^[a-z][\w+.-]*:\/\//i.test(value)
      ? "range"
      : undefined;
  },
};

/** Kind of functions; classes are refused. */
export const callable: Kind = typeKind(
  "a function",
  (value) =>
    typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value)),
);

/** Kind of all values: nothing is refused. */
export const anything: Kind = typeKind("a value", () => true);

/** Makes the kind of instances of a class; `name` describes them in errors, such as "a Random". */
export function instanceOf(
  Class: abstract new (...args: never[]) => unknown,
  name = `a ${Class.name}`,
): Kind {
  return typeKind(name, (value) => value instanceof Class);
}

/** Makes the kind of strings from a list, such as the names of losses. */
export function oneOf(names: readonly string[]): Kind {
  return {
    expected: `one of ${names.map((name) => `"${name}"`).join(", ")}`,
    fault: (value) => {
      if (typeof value !== "string") return "type";
      return names.includes(value) ? undefined : "range";
    },
  };
}

/** Makes the kind of objects that have all the given methods; `name` describes them in errors. */
export function objectWith(name: string, methods: readonly string[]): Kind {
  return typeKind(name, (value) =>
    typeof value === "object" && value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function"));
}

/** Makes the kind of arrays whose entries are all of one kind. */
export function arrayOf(kind: Kind): Kind {
  return {
    expected: `an array with ${kind.expected} in each place`,
    fault: (value) => Array.isArray(value) ? firstFault(value, kind) : "type",
  };
}

/** Kind of arrays and typed arrays of numbers. Their entries are not checked. */
export const list: Kind = typeKind("an array or a typed array of numbers", isList);

/** Makes the kind of arrays and typed arrays whose entries are all of one kind. */
export function listOf(kind: Kind): Kind {
  return {
    expected: `an array or a typed array with ${kind.expected} in each place`,
    fault: (value) => isList(value) ? firstFault(value, kind) : "type",
  };
}

/** Makes the kind of plain objects whose values are all of one kind. */
export function recordOf(kind: Kind): Kind {
  return {
    expected: `an object with ${kind.expected} under each name`,
    fault: (value) => isPlainObject(value) ? firstFault(Object.values(value), kind) : "type",
  };
}

/** Makes the kind of values that are of at least one of the given kinds. */
export function union(...kinds: readonly Kind[]): Kind {
  return {
    expected: kinds.map(({ expected }) => expected).join(" or "),
    fault: (value) => {
      const faults = kinds.map((kind) => kind.fault(value));
      if (faults.includes(undefined)) return undefined;
      return faults.includes("range") ? "range" : "type";
    },
  };
}

/**
 * Makes a kind that also accepts `undefined`. `checkOptions` does not need it: there an undefined
 * option counts as absent.
 */
export function optional(kind: Kind): Kind {
  return { ...kind, fault: (value) => value === undefined ? undefined : kind.fault(value) };
}

/**
 * Tells whether a value is an object literal, or an object that `Object.create` made from one or
 * from null.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  try {
    return Object.prototype.toString.call(value) === "[object Object]" &&
      [undefined, Object].includes((value as object).constructor as ObjectConstructor | undefined);
  } catch {
    return false; // a proxy or a getter that throws
  }
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value) && "length" in value &&
      !(value instanceof BigInt64Array || value instanceof BigUint64Array);
}

function firstFault(values: ArrayLike<unknown>, kind: Kind): "type" | "range" | undefined {
  for (let i = 0; i < values.length; i++) {
    const fault = kind.fault(values[i]);
    if (fault) return fault;
  }
  return undefined;
}
