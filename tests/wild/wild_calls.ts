/** Calls every public function with wild values in every argument, and says what goes wrong. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { copyOf, isPlain, type Path, pathsOf, replaced } from "./paths.ts";
import { senselessIn } from "./senseless.ts";
import { WILD_VALUES, WildError, type WildValue } from "./wild_values.ts";

/** Good arguments of one function, and how to tell whether a call did harm. */
export interface WildEntry {
  /** Good arguments, made anew for each call; `target` is the instance whose method is called. */
  good(target: never): readonly unknown[];
  /** Uses what a call returned, in case that its arguments show their faults only later. */
  use?(result: never, target: never): unknown;
  /** A copy of everything that a refused call must leave alone. */
  state?(target: never): unknown;
  /** Values that are good at a path, such as `1.folder`, although the good arguments hold another kind. */
  readonly accepts?: Readonly<Record<string, (value: unknown) => boolean>>;
  /** Paths whose values the function hands on without looking at them. */
  readonly unread?: readonly string[];
  /** Names of wild values that are good at a path and would take too long. */
  readonly tooLong?: Readonly<Record<string, readonly string[]>>;
  /** The results of good calls may hold NaN, or be undefined. */
  readonly anyResult?: boolean;
}

/** The same for a class: its constructor, and each of its methods. */
export interface WildClass extends WildEntry {
  /** Its constructor is for subclasses in `lib`, which check their options. */
  readonly isAbstract?: boolean;
  /** Makes an instance for the methods; by default with the constructor's good arguments. */
  make?(): unknown;
  /** Takes back what `make` did. */
  close?(target: never): void;
  /** The methods by name; names of static ones begin with `static `. */
  readonly methods?: Readonly<Record<string, WildEntry>>;
}

/** The entries of a room by the names of its exports; `name.method` for the functions of an object. */
export type WildTable = Readonly<Record<string, WildEntry | WildClass>>;

type Callable = (...args: readonly unknown[]) => unknown;

/** One function to call. */
interface Subject {
  readonly name: string;
  readonly entry: WildEntry;
  /** How many arguments have no default. */
  readonly required: number;
  readonly makeTarget: () => unknown;
  readonly close: (target: unknown) => void;
  readonly call: (target: unknown, args: readonly unknown[]) => unknown;
}

/** Methods that TypeScript keeps from readers: `protected` ones. */
const PROTECTED = ["batchProgram", "stepProgram", "record"];

/** So many failures of one function are listed. */
const MAX_SHOWN = 40;

/** The entry of a function that the table does not know: its test fails. */
const UNKNOWN: WildEntry = {
  good: () => assert.fail("expected good arguments in the table of tests/wild, got none"),
};

/** The form of all messages. */
const MESSAGE = /^Cannot [^]+?: expected [^]+, got [^]*[^.\s]$/;

function isClass(value: unknown): value is new (...args: readonly unknown[]) => object {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** The names of the functions of an object, those that it inherits or computes left out. */
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

/** Whether a value may stand for a good one: both are numbers, texts, lists, tensors, … */
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

/** Whether a value can be looked at: some proxies throw. */
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

/** A wild call in words, for the list of failures. */
function describe({ name }: Subject, path: Path, wild: WildValue): string {
  return `${name} with ${wild.name} as ${path.join(".")}`;
}

async function settle(result: unknown): Promise<unknown> {
  return result instanceof Promise ? await result : result;
}

/** What is wrong with an error, if anything. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof WildError) return undefined; // the reader's own code threw it
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const { name, message } = error;
  if (MESSAGE.test(message) && !/\n|\[object |is not a function/.test(message)) return undefined;
  return `raw ${name}: ${message.slice(0, 200)}`;
}

/** Whether undefined may stand at a path: an option left out, or an argument with a default. */
function mayBeAbsent({ required }: Subject, path: Path): boolean {
  return path.length > 1 ? typeof path.at(-1) === "string" : Number(path[0]) >= required;
}

/** The type of the good call's result, to compare with. */
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

/** One call with a wild value; returns what went wrong, and whether the call changed the target. */
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

/** All wild calls of one function; returns the failures. */
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

/** Runs quietly, in a folder of its own: wild names of files are made there. */
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
