/** Random traced programs with every kind of equation. */
import fc from "fast-check";
import { sizeOf } from "../../../lib/jit/program/access.ts";
import { Builder, read } from "../../../lib/jit/program/builder.ts";
import type { ConvGeometry, Var } from "../../../lib/jit/program/equation.ts";
import { removeDeadCode } from "../../../lib/jit/passes/dead.ts";
import type { TracedProgram } from "../../../lib/jit/program/program.ts";

/** One equation of a random program: its kind, the values that it reads, and a number for the rest. */
interface Instruction {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly p: number;
}

/** All values that equations pass on have this shape, so that each fits every reader. */
const SHAPE = [2, 4, 3, 2] as const;

function geometryOf(p: number): ConvGeometry {
  const [batch, inHeight, inWidth, inChannels] = SHAPE;
  return {
    ...{ batch, inHeight, inWidth, inChannels },
    ...{ outHeight: 4, outWidth: 3, outChannels: 2 },
    ...{ filterHeight: 1 + p % 2, filterWidth: 1 + p % 3 },
    ...{ strideHeight: 1 + p % 4, strideWidth: 1 + p % 5 },
    ...{ dilationHeight: 1 + p % 3, dilationWidth: 1 + p % 2, padTop: p % 2, padLeft: p % 3 },
  };
}

type Step = (b: Builder, a: Var, c: Var, p: number) => Var;

function float(b: Builder, x: Var): Var {
  return x.dtype === "float32" ? x : b.map("toFloat", x);
}

const STEPS: readonly Step[] = [
  (b, a, c, p) => b.map(p % 2 ? "add" : "select", ...(p % 2 ? [] : [b.map("lt", a, c)]), a, c),
  (b, a, _, p) => b.map("mul", a, [2, .5, -0, Infinity, 1e-7][p % 5]!),
  (b, a, _, p) => b.map("sub", b.map("toInt", a), p - 50),
  (b, a, _, p) => b.map("or", b.map("toBool", a), p % 2),
  (b, a, _, p) => b.broadcast(b.reduce(p % 2 ? "sum" : "max", a, [p % 4], true), SHAPE),
  (b, a) => b.reshape(b.transpose(a, [0, 2, 1, 3]), SHAPE),
  (b, a, _, p) => b.broadcast(b.slice(a, { begin: [0, p % 4, 0, 0], size: [2, 1, 3, 2] }), SHAPE),
  (b, a) => b.slice(a, { begin: [0, 3, 0, 0], size: SHAPE, steps: [1, -1, 1, 1] }),
  (b, a, c, p) => {
    const operand = (x: Var, transpose: boolean) =>
      b.transpose(b.reshape(float(b, x), [4, 6, 2]), transpose ? [0, 2, 1] : [0, 1, 2]);
    const right = b.slice(b.reshape(float(b, c), [4, 6, 2]), { begin: [0, 0, 0], size: [4, 2, 2] });
    const product = b.matmul(operand(a, p % 2 === 1), right, { transposeA: p % 2 === 1 });
    return b.reshape(product, SHAPE);
  },
  (b, a, c, p) => {
    const kind = (["conv2d", "conv2dInput"] as const)[p % 2]!;
    const { filterHeight: height, filterWidth: width } = geometryOf(p);
    const filter = b.slice(float(b, c), { begin: [0, 0, 0, 0], size: [height, width, 2, 2] });
    return b.conv(kind, [float(b, a), filter], geometryOf(p));
  },
  (b, a, _, p) => b.pool(p % 2 ? "max" : "avg", float(b, a), geometryOf(p)),
  (b, a, c, p) => {
    const [dy, x] = [float(b, a), float(b, c)];
    if (p % 2) return b.avgPoolGradient(dy, geometryOf(p));
    return b.maxPoolGradient([dy, x, b.map("neg", x)], geometryOf(p));
  },
  (b, a, c, p) => {
    const half = (x: Var) => b.slice(float(b, x), { begin: [0, 0, 0, 0], size: [2, 2, 3, 2] });
    const begins = [[0, 0, 0, 0], [0, 1 + p % 2, 0, 0]];
    return b.assemble([half(a), half(c)], { begins, fill: p, dtype: "float32", shape: SHAPE });
  },
  (b, a, _, p) => {
    const distribution = (["uniform", "normal", "truncatedNormal"] as const)[p % 3]!;
    const numbers = { distribution, parameters: [p, -0], stream: p } as const;
    return b.draw(numbers, { dtype: a.dtype === "bool" ? "float32" : a.dtype, shape: SHAPE });
  },
  (b, a, c, p) => {
    const lists = p % 4 === 1 ? 2 : 1;
    const numbers = b.reshape(
      b.slice(b.map("toInt", c), {
        begin: [0, p % 4, 0, 0],
        size: [2, lists, 1, 2],
      }),
      lists === 2 ? [2, 4] : [4],
    );
    const x = b.reshape(p % 2 ? a : float(b, a), [2, 4, 6]);
    const made = p % 2 ? b.gather(x, numbers) : b.segmentSum(x, numbers, 4);
    return b.reshape(made, SHAPE);
  },
  (b, a, c, p) => {
    const attrs = { axis: p, exact: p % 2 === 0, dims: [p, 1], mode: "reflect", none: undefined };
    const outs = [b.newVar("float32", SHAPE), b.newVar("int32", [p + 1])];
    return b.kernel("Mystery", [["x", a], ["y", c]], { attrs, outs })[0]!;
  },
];

function build(instructions: readonly Instruction[]): TracedProgram {
  const b = new Builder();
  const inputs = [b.newVar("float32", SHAPE), b.newVar("int32", SHAPE)];
  const variables = [b.newVar("float32", SHAPE)];
  const constant = b.constant(Float32Array.of(0, -0, .1), "float32", [3]);
  const large = b.constant(
    Float32Array.from({ length: sizeOf(SHAPE) }, Math.sqrt),
    "float32",
    SHAPE,
  );
  const row = b.broadcast(b.reshape(constant, [3, 1]), SHAPE);
  const values: Var[] = [...inputs, ...variables, large, row];
  for (const { kind, a, b: c, p } of instructions) {
    const pick = (back: number) => values[values.length - 1 - back % values.length]!;
    values.push(STEPS[kind % STEPS.length]!(b, pick(a), pick(c), p));
  }
  const { constants, equations } = b;
  const last = values.at(-1)!;
  const assigns = [{ variable: 0, value: read(float(b, last)) }];
  const outputs = [read(last), read(row)];
  if (b.noise) inputs.push(b.noise);
  return removeDeadCode({ inputs, variables, constants, equations, outputs, assigns });
}

const number = fc.nat({ max: 1000 });

/** Random programs as a trace would give them, without what their results do not need. */
export const tracedPrograms: fc.Arbitrary<TracedProgram> = fc.array(
  fc.record({
    kind: number,
    a: fc.nat({ max: 3 }),
    b: fc.nat({ max: 6 }),
    p: fc.nat({ max: 100 }),
  }),
  { minLength: 4, maxLength: 10 },
).map(build);
