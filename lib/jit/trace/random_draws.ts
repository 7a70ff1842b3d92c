/**
 * Recognizes tensors of random numbers while a function is recorded.
 *
 * TensorFlow.js fills them number by number from generators that it does not export. Their `nextValue` is
 * replaced, so that a recording knows what is drawn (a distribution and its parameters) and not only which
 * numbers came. A generator that was given a seed makes the same numbers at every call: it is left alone.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Values } from "../program/dtype.ts";
import type { DrawEquation } from "../program/equation.ts";
import { replace } from "./backend.ts";

/** The attributes of a recorded draw. */
export type DrawNumbers = Pick<DrawEquation, "distribution" | "parameters" | "stream">;

/** The name under which draws are recorded, like a kernel's name. */
export const DRAW = "RandomNumbers";

/** The fields of TensorFlow.js's `MPRandGauss`, `UniformRandom` and `RandGamma` that describe their numbers. */
interface Generator {
  readonly mean?: number;
  readonly stdDev?: number;
  readonly truncated?: boolean;
  readonly min?: number;
  readonly range?: number;
  nextValue(): number;
}

interface ScopeStarter {
  startScope(name?: string): void;
}

/** The prototypes of the generators. Numbers of a generator that is not found are refused as noise. */
interface Prototypes {
  readonly simple: readonly Generator[];
  /** The generator of gamma numbers, which draws from the others an unknown number of times. */
  readonly gamma: readonly Generator[];
}

let prototypes: Prototypes | undefined;

function findPrototypes(): Prototypes {
  return {
    simple: [
      prototypeOf("nextVal", () => tf.randomNormal([0])),
      prototypeOf("canReturnFloat", () => tf.randomUniform([0])),
    ].flat(),
    gamma: prototypeOf("randn", () => tf.randomGamma([0], 1)),
  };
}

/**
 * Finds the prototype of a class that TensorFlow.js does not export. `make` constructs an object of the class.
 * The object is noticed when its constructor sets `field`, which only this class has.
 */
function prototypeOf(field: string, make: () => tf.Tensor): Generator[] {
  const found: Generator[] = [];
  Object.defineProperty(Object.prototype, field, {
    set(this: Generator, value: unknown) {
      const own = { value, writable: true, configurable: true, enumerable: true };
      Object.defineProperty(this, field, own);
      found.push(Object.getPrototypeOf(this));
    },
    configurable: true,
  });
  try {
    make().dispose();
  } finally {
    delete (Object.prototype as Record<string, unknown>)[field];
  }
  return found.filter((prototype) => typeof prototype?.nextValue === "function").slice(0, 1);
}

/** A generator that is filling an array. */
interface Filling {
  readonly generator: Generator;
  readonly next: () => number;
  readonly isSeeded: boolean;
  count: number;
}

/** The draws of one call. */
export class RandomDraws {
  #filling: Filling | undefined;
  /** True if the running operation has asked for a random seed. */
  #hasAsked = false;
  #isWatching = false;
  #gammas = 0;
  #streams = 0;

  /** Watches the generators until the returned function is called. */
  watch(): () => void {
    const engine = tf.engine() as unknown as ScopeStarter;
    const undo = [
      replace(engine, "startScope", (start) => (name) => {
        this.#hasAsked = false;
        this.#filling = undefined;
        start.call(engine, name);
      }),
      replace(Math, "random", (random) => () => {
        if (!this.#isWatching) undo.push(...this.#watchGenerators());
        this.#hasAsked = true;
        return random();
      }),
    ];
    return () => undo.reverse().forEach((restore) => restore());
  }

  /** Watches the generators when a seed is asked for the first time: most functions draw nothing. */
  #watchGenerators(): (() => void)[] {
    this.#isWatching = true;
    const { simple, gamma } = prototypes ??= findPrototypes();
    return [
      ...simple.map((prototype) =>
        this.#replaceNext(prototype, (generator, next) => this.#next(generator, next))
      ),
      ...gamma.map((prototype) => this.#replaceNext(prototype, (_, next) => this.#nextGamma(next))),
    ];
  }

  /**
   * Returns the draw that filled an array which becomes a tensor; undefined if a program cannot draw its
   * numbers.
   */
  take(values: unknown, dtype: string): DrawNumbers | undefined {
    const filling = this.#filling;
    this.#filling = undefined;
    if (!filling || filling.isSeeded) return undefined;
    const array = values as Values;
    if (filling.count !== array.length) throw new Error("internal: a draw was filled in part");
    const numbers = numbersOf(filling.generator);
    if (numbers && fits(numbers, dtype)) return { ...numbers, stream: this.#streams++ };
    for (let i = 0; i < array.length; i++) array[i] = filling.next();
    return undefined;
  }

  #replaceNext(
    prototype: Generator,
    next: (generator: Generator, original: () => number) => number,
  ): () => void {
    return replace(prototype, "nextValue", (original) =>
      function (this: Generator) {
        return next(this, () => original.call(this));
      });
  }

  #next(generator: Generator, next: () => number): number {
    if (this.#gammas > 0) return next();
    if (this.#filling?.generator !== generator) {
      this.#filling = { generator, next, isSeeded: !this.#hasAsked, count: 0 };
    }
    if (this.#filling.isSeeded) return next();
    this.#filling.count++;
    return 0; // what is drawn takes its place
  }

  #nextGamma(next: () => number): number {
    this.#gammas++;
    try {
      return next();
    } finally {
      this.#gammas--;
    }
  }
}

function numbersOf(
  { mean, stdDev, truncated, min, range }: Generator,
): Omit<DrawNumbers, "stream"> | undefined {
  if (isNumber(min) && isNumber(range)) {
    return { distribution: "uniform", parameters: [min, min + range] };
  }
  if (!isNumber(mean) || !isNumber(stdDev)) return undefined;
  const distribution = truncated ? "truncatedNormal" : "normal";
  return { distribution, parameters: [mean, stdDev] };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A distance from the mean that no normal number reaches, in standard deviations. */
const FARTHEST = 7;

/** Tells whether numbers of this kind fit a type: int32 must hold them all. */
function fits(
  { distribution, parameters: [a, b] }: Omit<DrawNumbers, "stream">,
  dtype: string,
): boolean {
  if (dtype !== "int32") return dtype === "float32";
  const ends = distribution === "uniform" ? [a, b] : [a - FARTHEST * b, a + FARTHEST * b];
  return ends.every((end) => end >= -(2 ** 31) && end <= 2 ** 31);
}
