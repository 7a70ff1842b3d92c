/** Random programs of tensor operations, well conditioned by construction. */
import * as tf from "@tensorflow/tfjs";

/** One instruction: which operation, on which of the values so far, in which variation. */
export interface Instruction {
  /** Names the operation, modulo their number. */
  readonly op: number;
  /** Names the first operand, counted back from the last value. */
  readonly a: number;
  /** Names the second operand. */
  readonly b: number;
  /** Varies the operation: an axis, a constant, a transpose. */
  readonly p: number;
}

/** A value with what its magnitude cannot exceed, so that no rounding is blown up. */
interface Value {
  readonly tensor: tf.Tensor;
  readonly bound: number;
}

/** What an instruction works with. */
interface Context {
  readonly a: Value;
  readonly b: Value;
  readonly p: number;
  /** An argument as it came, for comparisons: rounding cannot flip them. */
  readonly raw: tf.Tensor;
  readonly variables: readonly tf.Variable[];
}

type Build = (context: Context) => Value;

/** The tensor of a value, squashed if it may be larger than `limit`. */
function settle({ tensor, bound }: Value, limit = 4): tf.Tensor {
  return bound <= limit ? tensor : tf.tanh(tensor);
}

function unary(fn: (x: tf.Tensor) => tf.Tensor, bound: number, limit = 4): Build {
  return ({ a }) => ({ tensor: fn(settle(a, limit)), bound });
}

/** Whether two shapes broadcast to at most 2,000 values. */
function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  try {
    return tf.util.sizeFromShape(tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b])) <=
      2000;
  } catch {
    return false;
  }
}

/** The second operand, or its mean where the shapes do not fit. */
function fitted(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return broadcasts(a.shape, b.shape) ? b : tf.mean(b);
}

function binary(fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, bound: number, limit = 2): Build {
  return ({ a, b }) => {
    const first = settle(a, limit);
    return { tensor: fn(first, fitted(first, settle(b, limit))), bound };
  };
}

function axisOf({ rank }: tf.Tensor, p: number): number {
  return p % Math.max(rank, 1);
}

/** The axes to reduce over: all, one, or all but one. */
function axesOf(x: tf.Tensor, p: number): number[] {
  const all = x.shape.map((_, i) => i);
  if (x.rank === 0 || p % 3 === 0) return all;
  const one = axisOf(x, p >> 2);
  return p % 3 === 1 ? [one] : all.filter((axis) => axis !== one);
}

function reduction(fn: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor): Build {
  return ({ a, p }) => {
    const x = settle(a);
    return { tensor: fn(x, axesOf(x, p), p % 2 === 0), bound: 4 };
  };
}

function movement(fn: (x: tf.Tensor, p: number) => tf.Tensor): Build {
  return ({ a, p }) => ({ tensor: fn(a.tensor, p), bound: a.bound });
}

/** Two dimensions out of any number of them. */
function matrix(x: tf.Tensor): tf.Tensor {
  const columns = x.rank === 0 ? 1 : x.shape[x.rank - 1]!;
  return tf.reshape(x, [-1, columns]);
}

/** A product in one of the four transposes that fit, scaled to keep its magnitude. */
function product({ a, b, p }: Context): Value {
  const [x, other] = [matrix(settle(a, 1)), matrix(settle(b, 1))];
  const transposeA = p % 2 === 1;
  const inner = x.shape[transposeA ? 0 : 1]!;
  const fits = [other, x].find(({ shape }) =>
    shape.includes(inner) && shape[0]! * shape[1]! < 900
  )!;
  const y = fits ?? x;
  const transposeB = y.shape[0] !== inner || (y.shape[1] === inner && p % 4 > 1);
  const result = tf.matMul(x, y, transposeA, transposeB);
  return { tensor: tf.mul(result, 1 / inner), bound: 1 };
}

/** Gradients of a smooth function of two values, back through its broadcasting. */
function gradients({ a, b, p }: Context): Value {
  const first = settle(a, 2);
  const second = fitted(first, settle(b, 2));
  const cost = (x: tf.Tensor, y: tf.Tensor) => tf.mean(tf.square(tf.tanh(tf.add(tf.mul(x, y), x))));
  const both = tf.grads((x, y) => cost(x!, y!))([first, second]);
  return { tensor: both[p % 2]!, bound: 8 };
}

/** A choice by an argument as it came. */
function choice({ a, b, p, raw }: Context): Value {
  const yes = settle(a);
  const no = fitted(yes, settle(b));
  const both = tf.broadcast_util.assertAndGetBroadcastShape(yes.shape, no.shape);
  const first = () => tf.slice(tf.reshape(raw, [-1]), 0, 1);
  const mask = tf.greater(broadcasts(both, raw.shape) ? raw : first(), p / 32 - 0.5);
  return { tensor: tf.where(mask, yes, no), bound: 4 };
}

function half(x: tf.Tensor, p: number): tf.Tensor {
  if (x.rank === 0) return tf.neg(x);
  const axis = axisOf(x, p);
  const size = Math.ceil(x.shape[axis]! / 2);
  const begin = x.shape.map((length, i) => i === axis ? length - size : 0);
  return tf.slice(x, begin, x.shape.map((length, i) => i === axis ? size : length));
}

function doubled(x: tf.Tensor, p: number): tf.Tensor {
  if (x.rank === 0) return tf.stack([x, tf.neg(x)]);
  if (x.size > 600) return half(x, p);
  return p % 2 === 0
    ? tf.concat([x, tf.mul(x, 0.5)], axisOf(x, p))
    : tf.tile(x, x.shape.map((_, i) => i === axisOf(x, p) ? 2 : 1));
}

function moved(x: tf.Tensor, p: number): tf.Tensor {
  if (x.rank === 0) return tf.reshape(x, [1]);
  const axes = x.shape.map((_, i) => (i + p) % x.rank);
  return p % 4 === 0 ? tf.reverse(x, axisOf(x, p)) : tf.transpose(x, axes);
}

function reshaped(x: tf.Tensor, p: number): tf.Tensor {
  if (x.rank < 3 && p % 4 === 0) return tf.expandDims(x, p % (x.rank + 1));
  if (p % 4 === 1) return tf.squeeze(x);
  return tf.reshape(x, p % 4 === 2 ? [-1] : [x.size, 1]);
}

function picked(x: tf.Tensor, p: number): tf.Tensor {
  if (x.rank === 0) return x.clone();
  const rows = x.shape[0]!;
  return tf.gather(x, tf.tensor1d([p % rows, 0, (p * 7) % rows], "int32"));
}

function padded(x: tf.Tensor, p: number): tf.Tensor {
  if (x.rank === 0 || x.size > 600) return tf.mul(x, 0.5);
  return tf.pad(x, x.shape.map((_, i): [number, number] => [i === axisOf(x, p) ? 1 : 0, p % 2]));
}

/** Moves a variable half-way to a value, or all the way: then both are one buffer for a while. */
function assignment({ a, p, variables }: Context): Value {
  const variable = variables[p % variables.length]!;
  const value = settle(a, 1);
  if (p % 2 === 0 && String(a.tensor.shape) === String(variable.shape) && a.bound <= 4) {
    const old = variable.clone();
    variable.assign(a.tensor.clone());
    return { tensor: p % 4 === 0 ? old : tf.add(variable, old), bound: 8 };
  }
  const fits = String(value.shape) === String(variable.shape) ? value : tf.mean(value);
  const before = tf.mul(variable, 2);
  variable.assign(tf.add(tf.mul(variable, 0.5), tf.mul(fits, 0.5)));
  return { tensor: p % 3 === 0 ? before : tf.add(variable, 0), bound: 4 };
}

/** Operations whose derivative is smooth, so that gradients are well conditioned too. */
const SMOOTH: readonly Build[] = [
  binary(tf.add, 4),
  binary(tf.sub, 4),
  binary(tf.mul, 4),
  binary((a, b) => tf.div(a, tf.add(tf.square(b), 1)), 2),
  ({ p, variables }) => ({ tensor: variables[p % variables.length]!, bound: 4 }),
  unary(tf.neg, 4),
  unary(tf.tanh, 1, 8),
  unary(tf.sigmoid, 1, 8),
  unary(tf.square, 4, 2),
  unary(tf.softplus, 5),
  unary(tf.exp, 4.5, 1.5),
  unary(tf.sin, 1),
  unary((x) => tf.sqrt(tf.add(tf.square(x), 0.25)), 5),
  unary((x) => tf.log(tf.add(tf.square(x), 0.5)), 3),
  ({ a, p }) => ({ tensor: tf.mul(a.tensor, p / 32 - 1), bound: a.bound }),
  ({ a, p }) => ({ tensor: tf.sub(p / 32, settle(a)), bound: 6 }),
  reduction(tf.mean),
  reduction((x, axes, keep) => {
    const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
    return tf.mul(tf.sum(x, axes, keep), 1 / count);
  }),
  ({ a }) => ({ tensor: a.tensor.rank ? tf.softmax(settle(a)) : settle(a), bound: 4 }),
  product,
  product,
  choice,
  movement(half),
  movement(doubled),
  movement(moved),
  movement(reshaped),
  movement(picked),
  movement(padded),
];

/** The others: kinks, gradients of their own, assignments. */
const ANY: readonly Build[] = [
  ...SMOOTH,
  binary(tf.maximum, 2),
  binary(tf.minimum, 2),
  binary(tf.squaredDifference, 4, 1),
  unary(tf.abs, 4),
  unary(tf.relu, 4),
  unary((x) => tf.leakyRelu(x, 0.2), 4),
  unary(tf.elu, 4),
  unary((x) => tf.clipByValue(x, -0.5, 0.75), 1),
  reduction(tf.max),
  reduction(tf.min),
  ({ a }) => ({ tensor: a.tensor.clone(), bound: a.bound }),
  gradients,
  gradients,
  assignment,
  assignment,
  assignment,
];

/** Runs instructions; every value so far may be an operand, and the last three are the results. */
function execute(
  instructions: readonly Instruction[],
  table: readonly Build[],
  args: readonly tf.Tensor[],
  variables: readonly tf.Variable[],
): tf.Tensor[] {
  const values: Value[] = [
    ...args.map((tensor) => ({ tensor, bound: 1 })),
    ...variables.map((tensor) => ({ tensor, bound: 4 })),
  ];
  const given = values.length;
  const pick = (back: number) => values[values.length - 1 - back % values.length]!;
  for (const { op, a, b, p } of instructions) {
    const context = { a: pick(a), b: pick(b), p, raw: args[0]!, variables };
    values.push(table[op % table.length]!(context));
  }
  // The results are disposed: an argument or a variable among them must be there afterwards.
  const kept = new Set([...args, ...variables]);
  const owned = (tensor: tf.Tensor) => kept.has(tensor) ? tensor.clone() : tensor;
  return values.slice(given).slice(-3).map(({ tensor }) => owned(tensor));
}

/** A function of arguments that runs instructions and returns the last of their values. */
export function plainProgram(
  instructions: readonly Instruction[],
  variables: readonly tf.Variable[],
): (...args: tf.Tensor[]) => tf.Tensor[] {
  return (...args) => execute(instructions, ANY, args, variables);
}

/** A function that runs smooth instructions as a cost and moves the variables against its gradient. */
export function trainingProgram(
  instructions: readonly Instruction[],
  variables: readonly tf.Variable[],
  optimizer: tf.Optimizer,
): (...args: tf.Tensor[]) => tf.Tensor[] {
  return (...args) => {
    const cost = () => {
      const values = execute(instructions, SMOOTH, args, variables).slice(-2);
      const parts = [...values, ...variables].map((value) => tf.mean(tf.square(tf.tanh(value))));
      return tf.addN(parts) as tf.Scalar;
    };
    return [optimizer.minimize(cost, true, [...variables])!];
  };
}
