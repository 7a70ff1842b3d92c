/** Finds places inside arguments, and puts other values there. */

/** Path of a place: the position of an argument, then names of options and positions in lists. */
export type Path = readonly (string | number)[];

/** Maximum depth of a place. */
const MAX_DEPTH = 5;
/** Maximum length of lists that are copied. */
const MAX_COPIED = 10_000;

/** Tells whether a value is an object like `{…}`. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Yields every argument, every option in it and the first entry of every list in it. */
export function* pathsOf(value: unknown, prefix: Path = []): Generator<Path> {
  if (prefix.length > 0) yield prefix;
  if (prefix.length === MAX_DEPTH) return;
  if (prefix.length === 0) {
    for (const [i, argument] of (value as unknown[]).entries()) yield* pathsOf(argument, [i]);
  } else if (Array.isArray(value)) {
    if (value.length > 0) yield* pathsOf(value[0], [...prefix, 0]);
  } else if (isPlain(value)) {
    for (const [name, option] of Object.entries(value)) yield* pathsOf(option, [...prefix, name]);
  }
}

/** Copies arguments with another value at one place; the rest is shared. */
export function replaced(
  args: readonly unknown[],
  path: Path,
  descriptor: PropertyDescriptor,
): readonly unknown[] {
  const replacedIn = (value: unknown, [key, ...rest]: Path): unknown => {
    const copy = (Array.isArray(value) ? [...value] : { ...value as object }) as object;
    const inner = rest.length === 0
      ? descriptor
      : { value: replacedIn((value as Record<string, unknown>)[key!], rest) };
    const common = { enumerable: true, configurable: true };
    return Object.defineProperty(
      copy,
      key!,
      "value" in inner ? { ...inner, ...common, writable: true } : { ...inner, ...common },
    );
  };
  return replacedIn(args, path) as readonly unknown[];
}

/** Copies lists and plain objects deeply, to compare with later. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > MAX_COPIED ? value.length : value.map(copyOf);
  if (ArrayBuffer.isView(value) && "slice" in value) {
    return value.byteLength > MAX_COPIED ? value.byteLength : (value as Uint8Array).slice();
  }
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part)]));
}
