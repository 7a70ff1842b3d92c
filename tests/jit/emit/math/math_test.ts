import assert from "node:assert/strict";
import fc from "fast-check";
import { f32, f32x4, ModuleBuilder, v128 } from "../../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "../../wasm/instance.ts";
import { scalarMath, type UnaryMath, vectorMath } from "../../../../lib/jit/emit/math/mod.ts";

const COUNT = 4096;

/** A function over arrays of `COUNT` floats, made of the vector and of the scalar code. */
interface Compiled {
  readonly input: Float32Array;
  readonly vector: Float32Array;
  readonly scalar: Float32Array;
  run(): void;
}

function compile(name: UnaryMath): Compiled {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  builder.func({ name: "run", export: true }, (f) => {
    f.loop({ to: 4 * COUNT, step: 16 }, (i) => {
      f.store.v128(i, vectorMath[name](f, v128.load(i)), 4 * COUNT);
    });
    f.loop({ to: 4 * COUNT, step: 4 }, (i) => {
      f.store.f32(i, scalarMath[name](f, f32.load(i)), 8 * COUNT);
    });
  });
  const exports = instantiate(builder, { memory });
  const { buffer } = memory;
  return {
    input: new Float32Array(buffer, 0, COUNT),
    vector: new Float32Array(buffer, 4 * COUNT, COUNT),
    scalar: new Float32Array(buffer, 8 * COUNT, COUNT),
    run: exports.run as () => void,
  };
}

interface Reference {
  readonly compute: (x: number) => number;
  /** Where random points are interesting; all floats are tried besides. */
  readonly from: number;
  readonly to: number;
}

const REFERENCES: Readonly<Record<UnaryMath, Reference>> = {
  exp: { compute: Math.exp, from: -104, to: 89 },
  expm1: { compute: Math.expm1, from: -20, to: 89 },
  log: { compute: Math.log, from: 0, to: 4 },
  log1p: { compute: Math.log1p, from: -1, to: 3 },
  sigmoid: { compute: (x) => 1 / (1 + Math.exp(-x)), from: -104, to: 20 },
  tanh: { compute: Math.tanh, from: -10, to: 10 },
  sinh: { compute: Math.sinh, from: -90, to: 90 },
  cosh: { compute: Math.cosh, from: -90, to: 90 },
  asinh: { compute: Math.asinh, from: -4, to: 4 },
  acosh: { compute: Math.acosh, from: 1, to: 4 },
  atanh: { compute: Math.atanh, from: -1, to: 1 },
  asin: { compute: Math.asin, from: -1, to: 1 },
  acos: { compute: Math.acos, from: -1, to: 1 },
  sin: { compute: Math.sin, from: -1000, to: 1000 },
  cos: { compute: Math.cos, from: -1000, to: 1000 },
  tan: { compute: Math.tan, from: -1e6, to: 1e6 },
  atan: { compute: Math.atan, from: -4, to: 4 },
};
const NAMES = Object.keys(REFERENCES) as UnaryMath[];

const SMALLEST = 2 ** -149;
const SPECIALS = [0, 1, 0.5, SMALLEST, 2 ** -126, 1e-20, 1e-4, 88.72, 103.9, 3.4e38, Infinity]
  .flatMap((x) => [x, -x, NaN]);

/** The difference in units of the result, where one float's rounding is at most 6e-8. */
function relativeError(found: number, expected: number): number {
  if (Object.is(found, expected) || (Number.isNaN(found) && Number.isNaN(expected))) return 0;
  const rounded = Math.fround(expected);
  if (found === rounded && (found !== 0 || Object.is(found, rounded))) return 0;
  // Denormals have fewer digits: one unit in the last place is all that can be asked.
  const room = Math.max(Math.abs(expected), 2 ** -126);
  return found === 0 && rounded === 0 ? Infinity : Math.abs(found - expected) / room;
}

/** Random floats of every size and sign, then floats from the interesting range, then specials. */
function fill(input: Float32Array, { from, to }: Reference, seed: number): void {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const bits = new Uint32Array(input.buffer, input.byteOffset, COUNT / 2);
  for (let i = 0; i < COUNT / 2; i++) bits[i] = next();
  for (let i = COUNT / 2; i < COUNT; i++) input[i] = from + (to - from) * next() / 2 ** 32;
  input.set(SPECIALS, COUNT - SPECIALS.length);
}

for (const name of NAMES) {
  const reference = REFERENCES[name];
  Deno.test(`vectorMath.${name} agrees with Math within 2e-7, at special values exactly`, () => {
    const compiled = compile(name);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        fill(compiled.input, reference, seed);
        compiled.run();
        compiled.input.forEach((x, i) => {
          const [found, expected] = [compiled.vector[i] ?? 0, reference.compute(x)];
          const error = relativeError(found, expected);
          if (!(error <= 2e-7)) assert.fail(`${name}(${x}) = ${found}, expected ${expected}`);
        });
      }),
      { numRuns: 20 },
    );
  });

  Deno.test(`scalarMath.${name} gives the bits of vectorMath.${name}`, () => {
    const compiled = compile(name);
    fill(compiled.input, reference, 1);
    compiled.run();
    assert.deepEqual(compiled.scalar, compiled.vector);
  });
}

Deno.test("relativeError() of the tests sees a lost sign, a lost NaN and a lost infinity", () => {
  assert.equal(relativeError(0, -0), Infinity);
  assert.ok(!(relativeError(1, NaN) <= 2e-7));
  assert.ok(!(relativeError(3e38, Infinity) <= 2e-7));
  assert.equal(relativeError(Math.fround(0.1), 0.1), 0);
});

Deno.test("vectorMath can be emitted twice on one value", () => {
  const builder = new ModuleBuilder();
  builder.func({ name: "run", params: { x: "f32" }, result: "f32", export: true }, (f, { x }) => {
    const once = vectorMath.exp(f, f32x4.splat(x));
    f.return(f32x4.extract(f32x4.add(once, vectorMath.log(f, once)), 2));
  });
  const exports = instantiate(builder);
  assert.equal((exports.run as (x: number) => number)(0), 1);
});
