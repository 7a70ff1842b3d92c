/** Kinds of values that arguments and options may have. */

/** A kind of value: how an error names it, and what is wrong with a value that is not of this kind. */
export interface Kind {
  /** The words behind "expected <name> to be", such as "a whole number from 1 on". */
  readonly expected: string;
  /** Finds the fault of a value: another type, or a number or name out of range. */
  fault(value: unknown): "type" | "range" | undefined;
}

/** Bounds of a number, each included unless it says otherwise. */
export interface Bounds {
  /** The least number. */
  readonly from?: number;
  /** The greatest number. */
  readonly to?: number;
  /** A number below all others, itself not included. */
  readonly above?: number;
  /** A number above all others, itself not included. */
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

/** Makes the kind of whole numbers that a double holds exactly. */
export function wholeNumber(bounds: Bounds = {}): Kind {
  return numberKind("a whole number", bounds, Number.isSafeInteger);
}

/** Makes the kind of finite numbers. */
export function finiteNumber(bounds: Bounds = {}): Kind {
  return numberKind("a finite number", bounds, Number.isFinite);
}

/** The kind of all numbers, NaN and the infinite ones included. */
export const number: Kind = typeKind("a number", (value) => typeof value === "number");

/** The kind of `true` and `false`. */
export const flag: Kind = typeKind("true or false", (value) => typeof value === "boolean");

/** The kind of strings. */
export const text: Kind = typeKind("a string", (value) => typeof value === "string");

/**
 * The kind of paths of folders. An empty string would be the root of the disk, and a URL a folder called
 * "https:", so both are refused.
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

/** The kind of functions, classes not included. */
export const callable: Kind = typeKind(
  "a function",
  (value) =>
    typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value)),
);

/** The kind of all values. */
export const anything: Kind = typeKind("a value", () => true);

/** Makes the kind of a class's instances; `name` is for the message, such as "a Random". */
export function instanceOf(
  Class: abstract new (...args: never[]) => unknown,
  name = `a ${Class.name}`,
): Kind {
  return typeKind(name, (value) => value instanceof Class);
}

/** Makes the kind of a few names. */
export function oneOf(names: readonly string[]): Kind {
  return {
    expected: `one of ${names.map((name) => `"${name}"`).join(", ")}`,
    fault: (value) => {
      if (typeof value !== "string") return "type";
      return names.includes(value) ? undefined : "range";
    },
  };
}

/** Makes the kind of objects that have the named methods; `name` is for the message. */
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

/** The kind of arrays and typed arrays of numbers; their entries are not looked at. */
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

/** Makes the kind of values that are of at least one of several kinds. */
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

/** Makes a kind that accepts `undefined` too. Options need it not: an undefined option is absent. */
export function optional(kind: Kind): Kind {
  return { ...kind, fault: (value) => value === undefined ? undefined : kind.fault(value) };
}

/** Tells whether a value is an object written as `{…}`, or made by `Object.create` from one. */
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
