/** Checks refuse wrong arguments by name, accept right ones, and have no side effects. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  anything,
  arrayOf,
  callable,
  check,
  checkOptions,
  describeValue,
  finiteNumber,
  flag,
  folderPath,
  instanceOf,
  isOfKind,
  type Kind,
  list,
  listOf,
  number,
  objectWith,
  oneOf,
  optional,
  recordOf,
  text,
  union,
  wholeNumber,
} from "../../lib/check/mod.ts";
import { WILD_VALUES, WildError } from "../wild/wild_values.ts";

const kinds = {
  saveEvery: wholeNumber({ from: 1 }),
  last: oneOf(["keep", "drop"]),
  warn: callable,
};
const checkRun = (options: object) => checkOptions("save a run", options, { kinds });

Deno.test("checkOptions() passes known options of the right kind, absent and undefined ones", () => {
  checkRun({});
  checkRun({ saveEvery: 3, last: "keep", warn: () => {} });
  checkRun({ saveEvery: undefined });
  checkRun(Object.create({ saveEvery: 3 }));
  checkRun(Object.create(null));
});

Deno.test("checkOptions() refuses names that it does not know and names the nearest one", () => {
  for (
    const [name, meant] of [["save_every", "saveEvery"], ["lst", "last"], [
      "SAVEEVERY",
      "saveEvery",
    ]]
  ) {
    assert.throws(() => checkRun({ [name!]: 1 }), {
      name: "TypeError",
      message: `Cannot save a run: expected options saveEvery, last, warn, got "${name}"; ` +
        `did you mean ${meant}?`,
    });
  }
  assert.throws(() => checkRun({ momentum: 1 }), { message: /got "momentum"$/ });
  assert.throws(() => checkRun({ toString: 1 }), { message: /got "toString"/ });
  assert.throws(() => checkRun(Object.create({ momentum: 3 })), { message: /got "momentum"$/ });
});

Deno.test("checkOptions() refuses values that are not objects of options", () => {
  for (
    const value of [
      null,
      "folder",
      5,
      [],
      [1],
      () => {},
      new Map(),
      new Date(),
      new Float32Array(2),
    ]
  ) {
    assert.throws(() => checkRun(value as object), {
      name: "TypeError",
      message: `Cannot save a run: expected an object of options, got ${describeValue(value)}`,
    });
  }
});

Deno.test("checkOptions() asks for the options that are required", () => {
  const options = { kinds: { folder: text }, required: ["folder"] } as const;
  assert.throws(() => checkOptions("save a run", {}, options), {
    message: "Cannot save a run: expected folder to be a string, got undefined",
  });
});

Deno.test("check() tells another type from a number out of range", () => {
  const columns = wholeNumber({ from: 1, to: 9 });
  for (const value of [0, 10, 1.5, NaN, Infinity]) {
    assert.throws(() => check("draw", { columns: value }, columns), {
      name: "RangeError",
      message: `Cannot draw: expected columns to be a whole number from 1 to 9, got ${value}`,
    });
  }
  for (const value of ["1", null, undefined, 1n, [1], {}]) {
    assert.throws(() => check("draw", { columns: value }, columns), { name: "TypeError" });
  }
  check("draw", { columns: 1, rows: 9 }, columns);
});

Deno.test("kinds accept what they name and nothing else", () => {
  class Custom {}
  const cases = [
    [
      finiteNumber({ above: 0, below: 1 }),
      [0.5],
      [0, 1, NaN],
      "a finite number above 0 and below 1",
    ],
    [finiteNumber({ from: 0, below: 1 }), [0, 0.5], [1, -1], "a finite number from 0 and below 1"],
    [finiteNumber(), [-1e300, 0], [Infinity, "0"], "a finite number"],
    [wholeNumber({ to: 3 }), [3, -5], [4, 0.5], "a whole number up to 3"],
    [flag, [true, false], [0, "true", null], "true or false"],
    [callable, [() => 1, Math.max], [Custom, {}, null], "a function"],
    [instanceOf(Custom), [new Custom()], [Custom, {}, null], "a Custom"],
    [objectWith("a penalty", ["compute"]), [{ compute() {} }], [{}, () => {}, null], "a penalty"],
    [arrayOf(flag), [[], [true]], [[1], true], "an array with true or false in each place"],
    [
      recordOf(flag),
      [{}, { a: true }],
      [{ a: 1 }, [true], new Custom()],
      "an object with true or false under each name",
    ],
    [
      list,
      [[], ["a"], new Float32Array(2)],
      ["ab", { length: 1 }, BigInt64Array.of(1n), new DataView(new ArrayBuffer(1)), new Set()],
      "an array or a typed array of numbers",
    ],
    [
      listOf(wholeNumber()),
      [[], [1, 2], Int8Array.of(3)],
      [[1, , 2], [0.5], ["1"], Float32Array.of(0.5), new Array(2 ** 32 - 1), 1],
      "an array or a typed array with a whole number in each place",
    ],
    [union(flag, text), [true, ""], [1], "true or false or a string"],
    [optional(flag), [undefined, true], [null], "true or false"],
    [number, [0, NaN, -Infinity], ["1", 1n, new Number(1)], "a number"],
    [anything, [undefined, null, 1], [], "a value"],
  ] as const;
  for (const [kind, good, bad, expected] of cases) {
    assert.equal(kind.expected, expected);
    for (const value of good) assert(isOfKind(value, kind), expected);
    for (const value of bad) assert(!isOfKind(value, kind), expected);
  }
});

const KINDS: Readonly<Record<string, Kind>> = {
  anything,
  arrayOf: arrayOf(text),
  callable,
  finiteNumber: finiteNumber(),
  flag,
  instanceOf: instanceOf(Map),
  list,
  listOf: listOf(text),
  number,
  objectWith: objectWith("a penalty", ["compute"]),
  oneOf: oneOf(["keep"]),
  optional: optional(text),
  recordOf: recordOf(text),
  text,
  union: union(flag, text),
  wholeNumber: wholeNumber(),
};

/** Calls a function and returns the message of its error, which must come from a check. */
function refusalOf(call: () => void): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof WildError) return undefined; // a getter threw it
    assert(error instanceof TypeError || error instanceof RangeError);
    assert.match(error.message, /^Cannot draw: expected [^\n]+, got [^\n]+$/);
    return error.message;
  }
}

for (const [name, kind] of Object.entries(KINDS)) {
  Deno.test(`${name} takes or refuses every wild value in one sentence`, () => {
    for (const { name, make } of WILD_VALUES.filter(({ isGetter }) => !isGetter)) {
      const refusal = refusalOf(() => check("draw", { columns: make() }, kind));
      const options = { kinds: { columns: kind } };
      const inOptions = refusalOf(() => checkOptions("draw", { columns: make() }, options));
      if (name !== "undefined") assert.equal(refusal, inOptions, name);
    }
  });
}

Deno.test("checkOptions() refuses every wild value in the place of options", () => {
  const isWithoutNames = ["an empty object", "an object without a prototype", "a Proxy"];
  for (const { name, make, isGetter } of WILD_VALUES) {
    if (isGetter) {
      const options = Object.defineProperty({}, "columns", { get: make, enumerable: true });
      assert.throws(() => checkOptions("draw", options, { kinds: { columns: text } }), WildError);
    } else {
      const refusal = refusalOf(() => checkOptions("draw", make(), { kinds: { columns: text } }));
      assert.equal(refusal === undefined, isWithoutNames.includes(name), `${name}: ${refusal}`);
    }
  }
});

Deno.test("describeValue() describes every value in one short line", () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      (value) => {
        const words = describeValue(value);
        assert(words.length > 0 && words.length < 80 && !words.includes("\n"), words);
      },
    ),
  );
  for (const { make, isGetter } of WILD_VALUES) {
    if (!isGetter) assert.match(describeValue(make()), /^.{1,79}$/);
  }
  assert.equal(describeValue("x".repeat(100)), `the string "${"x".repeat(40)}…"`);
  assert.equal(describeValue(new Float32Array(3)), "a Float32Array of length 3");
  assert.equal(describeValue(Symbol("a")), "a symbol");
  assert.equal(describeValue(null), "null");
  assert.equal(describeValue(Math.max), "the function max");
});

Deno.test("folderPath accepts paths of folders, but no empty string, URL or string with a NUL", () => {
  for (const folder of ["out", "/", ".", "C:\\out", "a b/ü", "./out/01"]) {
    check("keep checkpoints", { folder }, folderPath);
  }
  for (const folder of ["", " ", "https://example.com/out", "file:///tmp", "a\0b"]) {
    assert.throws(() => check("keep checkpoints", { folder }, folderPath), {
      name: "RangeError",
      message:
        /^Cannot keep checkpoints: expected folder to be the path of a folder, got the string/,
    });
  }
  for (const folder of [undefined, null, 3, new URL("file:///tmp"), ["out"]]) {
    assert.throws(() => check("keep checkpoints", { folder }, folderPath), { name: "TypeError" });
  }
});
