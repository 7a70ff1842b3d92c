/** Calls every public function with wild values in every argument, and reports what goes wrong. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { copyOf, isPlain, type Path, pathsOf, replaced } from "./paths.ts";
import { senselessIn } from "./senseless.ts";
import { WILD_VALUES, WildError, type WildValue } from "./wild_values.ts";

/** Good arguments of a function, and how to tell whether a call did harm. */
export interface WildEntry {
  /** Makes good arguments for each call; `target` is the instance whose method is called. */
  good(target: never): readonly unknown[];
  /** Uses the result of a call, in case a wrong argument causes an error only later. */
  use?(result: never, target: never): unknown;
  /** Copies everything that a refused call must not change. */
  state?(target: never): unknown;
  /** Values that are right at a path, such as `1.folder`, although the good arguments have another kind. */
  readonly accepts?: Readonly<Record<string, (value: unknown) => boolean>>;
  /** Paths whose values the function passes on without reading them. */
  readonly unread?: readonly string[];
  /** Names of wild values that are right at a path, but would take too long. */
  readonly tooLong?: Readonly<Record<string, readonly string[]>>;
  /** True if results of good calls may contain NaN, or be undefined. */
  readonly anyResult?: boolean;
}

/** Entry of a class: its constructor, and each of its methods. */
export interface WildClass extends WildEntry {
  /** True if the constructor is only for subclasses in `lib`, which check their options. */
  readonly isAbstract?: boolean;
  /** Makes an instance for the methods; by default with the good arguments of the constructor. */
  make?(): unknown;
  /** Undoes the effects of `make`. */
  close?(target: never): void;
  /** Methods by name; names of static methods begin with `static `. */
  readonly methods?: Readonly<Record<string, WildEntry>>;
}

/** Entries of a room by the names of its exports; `name.method` for the functions of an object. */
export type WildTable = Readonly<Record<string, WildEntry | WildClass>>;

type Callable = (...args: readonly unknown[]) => unknown;

/** Function to call. */
interface Subject {
  readonly name: string;
  readonly entry: WildEntry;
  /** Number of arguments without a default. */
  readonly required: number;
  readonly makeTarget: () => unknown;
  readonly close: (target: unknown) => void;
  readonly call: (target: unknown, args: readonly unknown[]) => unknown;
}

/** Protected methods, which users cannot call in TypeScript. */
const PROTECTED = ["batchProgram", "stepProgram", "record"];

/** Maximum number of failures of a function that are listed. */
const MAX_SHOWN = 40;

/** Entry of a function that the table does not contain: its test fails. */
const UNKNOWN: WildEntry = {
  good: () => assert.fail("expected good arguments in the table of tests/wild, got none"),
};

/** Form of all error messages. */
const MESSAGE = /^Cannot [^]+?: expected [^]+, got [^]*[^.\s]$/;

function isClass(value: unknown): value is new (...args: readonly unknown[]) => object {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** Lists the functions of an object, except those that it inherits or computes. */
function functionsOf(owner: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner))
    .filter(([name, { value }]) => typeof value === "function" && name !== "constructor")
    .map(([name]) => name)
    .filter((name) => !PROTECTED.includes(name));
}

function subjectsOf(name: string, value: unknown, table: WildTable): Subject[] {
  const common = { makeTarget: () => undefined, close: () => {} };
  const entry = table[name];
  if (isClass(value)) return subjectsOfClass(name, value, entry ?? UNKNOWN);
  if (typeof value === "function") {
    const call: Subject["call"] = (_, args) => (value as Callable)(...args);
    return [{ ...common, name, entry: entry ?? UNKNOWN, required: value.length, call }];
  }
  if (!isPlain(value)) return [];
  return functionsOf(value).flatMap((method) => {
    const call = (value[method] as Callable).bind(value);
    return subjectsOf(`${name}.${method}`, call, table);
  });
}

function subjectsOfClass(
  name: string,
  Class: new (...args: readonly unknown[]) => object,
  entry: WildClass,
): Subject[] {
  const makeTarget = () => entry.make?.() ?? new Class(...entry.good(undefined as never));
  const close = (target: unknown) => entry.close?.(target as never);
  const methodOf = (owner: object, method: string, key: string): Subject => {
    const methodEntry = entry.methods?.[key] ?? UNKNOWN;
    const call: Subject["call"] = (target, args) =>
      Reflect.apply(
        Reflect.get(owner, method) as Callable,
        owner === Class ? Class : target,
        args,
      );
    const required = (Reflect.get(owner, method) as Callable).length;
    return { name: `${name} ${key}()`, entry: methodEntry, required, makeTarget, close, call };
  };
  const constructing: Subject = {
    name: `new ${name}()`,
    entry,
    required: Class.length,
    makeTarget: () => undefined,
    close: () => {},
    call: (_, args) => new Class(...args),
  };
  return [
    ...entry.isAbstract ? [] : [constructing],
    ...functionsOf(Class.prototype).map((key) => methodOf(Class.prototype, key, key)),
    ...functionsOf(Class).map((key) => methodOf(Class, key, `static ${key}`)),
  ];
}

/** Tells whether a value may replace a good one: both are numbers, strings, lists, tensors and so on. */
function isAlike(good: unknown, value: unknown): boolean {
  if (typeof good !== typeof value || good === null || value === null) return good === value;
  switch (typeof good) {
    case "number":
      return !Number.isNaN(value);
    case "function":
      return isClass(good) === isClass(value);
    case "object":
      return isReadable(value as object) && isAlikeObject(good, value as object);
    default:
      return true;
  }
}

/** Tells whether a value can be read; some proxies throw. */
function isReadable(value: object): boolean {
  try {
    Object.getPrototypeOf(value);
    return true;
  } catch {
    return false;
  }
}

const isList = (value: unknown) =>
  Array.isArray(value) ||
  ArrayBuffer.isView(value) && "length" in value && !(value instanceof BigInt64Array);

function isAlikeObject(good: object, value: object): boolean {
  if (isList(good) || isList(value)) return isList(good) && isList(value);
  if (isPlain(good) || isPlain(value)) return isPlain(good) && isPlain(value);
  return Object.getPrototypeOf(good) === Object.getPrototypeOf(value);
}

/** Describes a wild call for the list of failures. */
function describe({ name }: Subject, path: Path, wild: WildValue): string {
  return `${name} with ${wild.name} as ${path.join(".")}`;
}

async function settle(result: unknown): Promise<unknown> {
  return result instanceof Promise ? await result : result;
}

/** Describes what is wrong with an error, if anything. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof WildError) return undefined; // code of the wild value
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const { name, message } = error;
  if (MESSAGE.test(message) && !/\n|\[object |is not a function/.test(message)) return undefined;
  return `raw ${name}: ${message.slice(0, 200)}`;
}

/** Tells whether undefined is allowed at a path: for an absent option, or an argument with a default. */
function mayBeAbsent({ required }: Subject, path: Path): boolean {
  return path.length > 1 ? typeof path.at(-1) === "string" : Number(path[0]) >= required;
}

/** Returns the type of the good call's result, to compare with. */
async function goodResultType(subject: Subject): Promise<string> {
  const target = subject.makeTarget();
  const { entry, name } = subject;
  const result = await settle(subject.call(target, entry.good(target as never)));
  await settle(entry.use?.(result as never, target as never));
  if (!entry.anyResult) {
    assert.equal(senselessIn(result), undefined, `a good call of ${name} has no good result`);
  }
  subject.close(target);
  return typeof result;
}

/** Makes one call with a wild value. Returns what went wrong, and whether the call changed the target. */
async function callWildly(
  subject: Subject,
  { target, path, wild, resultType }: {
    readonly target: unknown;
    readonly path: Path;
    readonly wild: WildValue;
    readonly resultType: string;
  },
): Promise<{ readonly fault: string | undefined; readonly succeeded: boolean }> {
  const { entry } = subject;
  const good = entry.good(target as never);
  const state = () => [entry.state?.(target as never), copyOf(good), tf.memory().numTensors];
  const value = wild.isGetter ? undefined : wild.make();
  const args = replaced(good, path, wild.isGetter ? { get: wild.make } : { value });
  const before = state();
  let result: unknown;
  try {
    result = await settle(subject.call(target, args));
  } catch (error) {
    const raw = faultOf(error);
    const changed = isDeepStrictEqual(before, state()) ? undefined : "changed something";
    return { fault: raw ?? changed, succeeded: false };
  }
  const original = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], good);
  const isAbsent = value === undefined && mayBeAbsent(subject, path);
  const isGood = isAbsent || isAlike(original, value) || entry.accepts?.[path.join(".")]?.(value);
  if (!isGood) return { fault: "was accepted", succeeded: true };
  if (!entry.anyResult) {
    const type: string = typeof result;
    const senseless = type === resultType ? senselessIn(result) : `a ${type}`;
    if (senseless) return { fault: `returned ${senseless}`, succeeded: true };
  }
  try {
    await settle(entry.use?.(result as never, target as never));
  } catch (error) {
    const raw = faultOf(error);
    return { fault: raw && `was accepted, then ${raw}`, succeeded: true };
  }
  return { fault: undefined, succeeded: true };
}

/** Makes all wild calls of a function and returns the failures. */
async function wildFailures(subject: Subject): Promise<string[]> {
  const failures: string[] = [];
  const resultType = await goodResultType(subject);
  let target = subject.makeTarget();
  const { unread = [], tooLong = {} } = subject.entry;
  for (const path of pathsOf(subject.entry.good(target as never))) {
    if (unread.some((at) => `${path.join(".")}.`.startsWith(`${at}.`))) continue;
    for (const wild of WILD_VALUES) {
      if (wild.isGetter && path.length === 1) continue;
      if (tooLong[path.join(".")]?.includes(wild.name)) continue;
      const { fault, succeeded } = await callWildly(subject, { target, path, wild, resultType });
      if (fault) failures.push(`${describe(subject, path, wild)}: ${fault}`);
      if (!succeeded) continue;
      subject.close(target);
      target = subject.makeTarget();
    }
  }
  subject.close(target);
  return failures;
}

/** Runs a function without output in its own folder, because wild names of files are made there. */
async function inPrivate<T>(run: () => Promise<T>): Promise<T> {
  const { log, warn, error, info, debug } = console;
  console.log =
    console.warn =
    console.error =
    console.info =
    console.debug =
      () => {};
  const home = Deno.cwd();
  const folder = await Deno.makeTempDir();
  Deno.chdir(folder);
  try {
    return await run();
  } finally {
    Deno.chdir(home);
    await Deno.remove(folder, { recursive: true });
    Object.assign(console, { log, warn, error, info, debug });
  }
}

/** Registers one test for each public function, constructor and method of a room. */
export function testWildCalls(
  room: string,
  exports: Readonly<Record<string, unknown>>,
  table: WildTable,
): void {
  const subjects = Object.entries(exports).flatMap(([name, value]) =>
    subjectsOf(name, value, table)
  );
  for (const subject of subjects) {
    Deno.test(`lib/${room}: ${subject.name} refuses wild arguments in one sentence`, async () => {
      const failures = await inPrivate(() => wildFailures(subject));
      const shown = failures.slice(0, MAX_SHOWN).join("\n");
      assert.equal(failures.length, 0, `${failures.length} wild calls:\n${shown}`);
    });
  }
  Deno.test(`lib/${room}: the wild calls know no function that is not there`, () => {
    const known = Object.keys(exports);
    const gone = Object.keys(table).filter((name) => !known.includes(name.split(".")[0]!));
    assert.deepEqual(gone, []);
  });
}
