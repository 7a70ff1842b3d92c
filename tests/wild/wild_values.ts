/** Values that a cell can pass to a function by mistake or on purpose. */
import * as tf from "@tensorflow/tfjs";

/** Wild value, made anew for every call. */
export interface WildValue {
  /** Name for reports of failures. */
  readonly name: string;
  /** Makes the value. */
  readonly make: () => unknown;
  /** True if the value is a property that throws when it is read. */
  readonly isGetter?: boolean;
}

/** Error that wild values throw when they are read or called, as code of a user may. */
export class WildError extends Error {}

function fail(): never {
  throw new WildError("wild");
}

class Wild {}

/** Traps every operation on an object. */
const THROWING_HANDLER: ProxyHandler<object> = new Proxy({}, { get: () => fail });

/** Number of reads after which an endless list fails, because the reader would never return. */
const ENDLESS = 100_000;

/** Makes a list of holes that fails after too many reads. */
function endless(list: object): object {
  let looks = 0;
  const look = () => {
    if (++looks > ENDLESS) throw new Error(`read ${ENDLESS} entries of an endless list`);
  };
  return new Proxy(list, {
    get: (target, key) => (look(), Reflect.get(target, key)),
    has: (target, key) => (look(), Reflect.has(target, key)),
  });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function disposed(): tf.Tensor {
  const tensor = tf.tensor1d([1]);
  tensor.dispose();
  return tensor;
}

function rejected(): Promise<never> {
  const promise = Promise.reject(new WildError("wild"));
  promise.catch(() => {});
  return promise;
}

const makers: Readonly<Record<string, () => unknown>> = {
  "undefined": () => undefined,
  "null": () => null,
  "true": () => true,
  "false": () => false,
  "0": () => 0,
  "-0": () => -0,
  "-1": () => -1,
  "1": () => 1,
  "0.5": () => 0.5,
  "NaN": () => NaN,
  "Infinity": () => Infinity,
  "-Infinity": () => -Infinity,
  "2 ** 31": () => 2 ** 31,
  "2 ** 53": () => 2 ** 53,
  "1e300": () => 1e300,
  "1e-320": () => 1e-320,
  "an empty string": () => "",
  "a space": () => " ",
  "a string": () => "wild",
  "a digit": () => "5",
  "__proto__": () => "__proto__",
  "a zero character": () => "a\0b",
  "a long string": () => "w".repeat(100_000),
  "half a character": () => "\ud83d",
  "a bigint": () => 1n,
  "a large bigint": () => 2n ** 64n,
  "a symbol": () => Symbol("wild"),
  "a well-known symbol": () => Symbol.iterator,
  "a function": () => () => {},
  "a function that throws": () => fail,
  "an async function": () => async () => {},
  "a generator function": () => function* () {},
  "a class": () => Wild,
  "Math.max": () => Math.max,
  "an empty array": () => [],
  "[undefined]": () => [undefined],
  "[NaN]": () => [NaN],
  "[string]": () => ["wild"],
  "[[1]]": () => [[1]],
  "[{}]": () => [{}],
  "[symbol]": () => [Symbol("wild")],
  "an array with a hole": () => Object.assign(new Array(3), { 0: 1, 2: 1 }),
  "a huge array of holes": () => endless(new Array(2 ** 32 - 1)),
  "an empty Float32Array": () => new Float32Array(0),
  "a Float32Array of NaN": () => Float32Array.of(NaN),
  "a large Float32Array": () => new Float32Array(100_003),
  "a Uint8ClampedArray": () => new Uint8ClampedArray(1),
  "a BigInt64Array": () => BigInt64Array.of(1n),
  "an ArrayBuffer": () => new ArrayBuffer(8),
  "a DataView": () => new DataView(new ArrayBuffer(8)),
  "an empty object": () => ({}),
  "an object without a prototype": () => Object.create(null),
  "an object of a class": () => new Wild(),
  "an unknown option": () => ({ wild: 1 }),
  "an object with length -1": () => ({ length: -1 }),
  "an object with length 2 ** 53": () => endless({ length: 2 ** 53 }),
  "an object with length NaN": () => ({ length: NaN }),
  "an object with a text as length": () => ({ length: "3" }),
  "an object that throws when read": () => ({
    get length() {
      return fail();
    },
    get constructor() {
      return fail();
    },
  }),
  "an object that is no text": () => ({
    toString: fail,
    valueOf: fail,
    [Symbol.toPrimitive]: fail,
  }),
  "a Map": () => new Map([["wild", 1]]),
  "a Set": () => new Set([1]),
  "an invalid Date": () => new Date(NaN),
  "a RegExp": () => /wild/,
  "an Error": () => new Error("wild"),
  "a Promise": () => Promise.resolve(1),
  "a rejected Promise": rejected,
  "a Number object": () => new Number(1),
  "a String object": () => new String("wild"),
  "an iterator": () => [1].values(),
  "a URL": () => new URL("http://localhost:1/wild"),
  "an AbortSignal": () => new AbortController().signal,
  "a Proxy": () => new Proxy({}, {}),
  "a Proxy that throws": () => new Proxy({}, THROWING_HANDLER),
  "a Proxy of a function": () => new Proxy(() => {}, {}),
  "a revoked Proxy": revoked,
  "a tensor": () => tf.tensor1d([1]),
  "a disposed tensor": disposed,
  "a tensor of NaN": () => tf.scalar(NaN),
  "a tensor of strings": () => tf.tensor1d(["wild"]),
};

/** Lists all wild values. */
export const WILD_VALUES: readonly WildValue[] = [
  ...Object.entries(makers).map(([name, make]) => ({ name, make })),
  { name: "a getter that throws", make: fail, isGetter: true },
];
