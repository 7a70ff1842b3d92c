/**
 * Rules for kernels that work element by element.
 *
 * Each repeats the backend's own formula, branch by branch, so that NaN and infinities go the same way.
 * @module
 */
import { sameShape } from "../program/access.ts";
import type { DType } from "../program/dtype.ts";
import type { Var } from "../program/equation.ts";
import type { ScalarFn } from "../program/scalar.ts";
import type { Builder } from "../program/builder.ts";
import {
  allFloat,
  type Call,
  input,
  inputList,
  numberAttr,
  type Rule,
  type RuleTable,
} from "./rule.ts";

type Formula = (b: Builder, x: Var, call: Call) => Var;
type Formula2 = (b: Builder, x: Var, y: Var) => Var;

/** Makes a rule from a formula. It is for floats only, because the backend rounds other types differently. */
function unary(formula: Formula): Rule {
  return (b, call) => {
    const x = input(call, "x");
    return allFloat(x) ? formula(b, x, call) : undefined;
  };
}

function apply(fn: ScalarFn): Rule {
  return unary((b, x) => b.map(fn, x));
}

function binary(formula: Formula2, types: readonly DType[] = ["float32"]): Rule {
  return (b, call) => {
    const [x, y] = [input(call, "a"), input(call, "b")];
    return x.dtype === y.dtype && types.includes(x.dtype) ? formula(b, x, y) : undefined;
  };
}

function apply2(fn: ScalarFn, types?: readonly DType[]): Rule {
  return binary((b, x, y) => b.map(fn, x, y), types);
}

const NUMBERS: readonly DType[] = ["float32", "int32"];
const ALL: readonly DType[] = ["float32", "int32", "bool"];

/** Computes `x < 0 ? alpha * x : x`. */
export function leakyRelu(b: Builder, x: Var, alpha: Var | number): Var {
  return b.map("select", b.map("lt", x, 0), b.map("mul", alpha, x), x);
}

/** Computes `x >= 0 ? x : exp(x) - 1`. */
export function elu(b: Builder, x: Var): Var {
  return b.map("select", b.map("ge", x, 0), x, b.map("sub", b.map("exp", x), 1));
}

/** Computes `min(max(0, x), 6)`. */
export function relu6(b: Builder, x: Var): Var {
  return b.map("min", b.map("max", 0, x), 6);
}

const SELU_ALPHA_SCALE = 1.7580993408473768599402175208123;
const SELU_SCALE = 1.0507009873554804934193349852946;

function selu(b: Builder, x: Var): Var {
  const low = b.map("mul", SELU_ALPHA_SCALE, b.map("sub", b.map("exp", x), 1));
  return b.map("select", b.map("ge", x, 0), b.map("mul", SELU_SCALE, x), low);
}

const SOFTPLUS_THRESHOLD = Math.log(1.1920928955078125e-7) + 2;

/** Computes `log(1 + exp(x))`; beyond the thresholds `exp(x)` and `x` are exact enough. */
function softplus(b: Builder, x: Var): Var {
  const exp = b.map("exp", x);
  const middle = b.map("log1p", exp);
  const upper = b.map("select", b.map("gt", x, -SOFTPLUS_THRESHOLD), x, middle);
  return b.map("select", b.map("lt", x, SOFTPLUS_THRESHOLD), exp, upper);
}

function clip(b: Builder, x: Var, call: Call): Var {
  const [low, high] = [numberAttr(call, "clipValueMin"), numberAttr(call, "clipValueMax")];
  const raised = b.map("select", b.map("lt", x, low), low, x);
  return b.map("select", b.map("gt", x, high), high, raised);
}

function step(b: Builder, x: Var, call: Call): Var {
  const stepped = b.map("select", b.map("gt", x, 0), 1, b.scalar(numberAttr(call, "alpha")));
  return b.map("select", b.map("ne", x, x), x, stepped);
}

/** Computes prelu; whole numbers and truth values give floats too. */
function prelu(b: Builder, call: Call): Var {
  const [x, alpha] = ["x", "alpha"].map((name) => cast(b, input(call, name), "float32"));
  return leakyRelu(b, x!, alpha!);
}

/** Computes the sign; that of NaN is 0. */
function sign(b: Builder, x: Var): Var {
  const low = b.map("select", b.map("lt", x, 0), -1, b.scalar(0));
  return b.map("select", b.map("gt", x, 0), 1, low);
}

const ERF = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592] as const;
const ERF_P = 0.3275911;

/** Computes erf by Abramowitz and Stegun 7.1.26, the backend's own formula. */
function erf(b: Builder, x: Var): Var {
  const v = b.map("abs", x);
  const t = b.map("div", 1, b.map("add", 1, b.map("mul", ERF_P, v)));
  const [first, ...rest] = ERF;
  let sum = b.map("mul", first, t);
  for (const coefficient of rest) sum = b.map("mul", b.map("add", sum, coefficient), t);
  const tail = b.map("exp", b.map("mul", b.map("neg", v), v));
  return b.map("mul", sign(b, x), b.map("sub", 1, b.map("mul", sum, tail)));
}

function eluGrad(b: Builder, call: Call): Var {
  const [dy, y] = [input(call, "dy"), input(call, "y")];
  const low = b.map("mul", dy, b.map("add", y, 1));
  return b.map("select", b.map("ge", y, 0), dy, low);
}

function squaredDifference(b: Builder, x: Var, y: Var): Var {
  const difference = b.map("sub", x, y);
  return b.map("mul", difference, difference);
}

function select(b: Builder, call: Call): Var | undefined {
  const [condition, t, e] = [input(call, "condition"), input(call, "t"), input(call, "e")];
  const plain = sameShape(condition.shape, t.shape) && t.dtype === e.dtype;
  return plain && condition.dtype === "bool" ? b.map("select", condition, t, e) : undefined;
}

/** Converts a value to another type. */
export function cast(b: Builder, x: Var, dtype: DType): Var {
  if (x.dtype === dtype) return b.reshape(x, x.shape);
  const fn = { float32: "toFloat", int32: "toInt", bool: "toBool" } as const;
  return b.map(fn[dtype], x);
}

function addN(b: Builder, call: Call): Var | undefined {
  const [first, ...rest] = inputList(call);
  if (!first || !allFloat(first, ...rest)) return undefined;
  return rest.reduce((sum, next) => b.map("add", sum, next), first);
}

function batchNorm(b: Builder, call: Call): Var {
  const { scale, offset } = call.inputs;
  const epsilon = call.attrs["varianceEpsilon"];
  const variance = b.map(
    "add",
    input(call, "variance"),
    typeof epsilon === "number" ? epsilon : .001,
  );
  const centred = b.map("sub", input(call, "x"), input(call, "mean"));
  const scaled = scale ? b.map("mul", centred, scale) : centred;
  const normal = b.map("div", scaled, b.map("sqrt", variance));
  return offset ? b.map("add", offset, normal) : normal;
}

function isInfinite(b: Builder, x: Var): Var {
  return b.map("eq", b.map("abs", x), Infinity);
}

function isFiniteRule(b: Builder, x: Var): Var {
  return b.map("lt", b.map("abs", x), Infinity);
}

/** Rules for elementwise kernels, by the names of these kernels. */
export const ELEMENTWISE: RuleTable = {
  Abs: apply("abs"),
  Acos: apply("acos"),
  Acosh: apply("acosh"),
  Asin: apply("asin"),
  Asinh: apply("asinh"),
  Atan: apply("atan"),
  Atanh: apply("atanh"),
  Ceil: apply("ceil"),
  Cos: apply("cos"),
  Cosh: apply("cosh"),
  Exp: apply("exp"),
  Expm1: apply("expm1"),
  Floor: apply("floor"),
  Log: apply("log"),
  Log1p: apply("log1p"),
  Neg: apply("neg"),
  Round: apply("round"),
  Sigmoid: apply("sigmoid"),
  Sign: unary(sign),
  Sin: apply("sin"),
  Sinh: apply("sinh"),
  Sqrt: apply("sqrt"),
  Tan: apply("tan"),
  Tanh: apply("tanh"),

  ClipByValue: unary(clip),
  Elu: unary(elu),
  Erf: unary(erf),
  IsFinite: unary(isFiniteRule),
  IsInf: unary(isInfinite),
  IsNan: unary((b, x) => b.map("ne", x, x)),
  LeakyRelu: unary((b, x, call) => leakyRelu(b, x, numberAttr(call, "alpha"))),
  Reciprocal: unary((b, x) => b.map("div", 1, x)),
  Relu: unary((b, x) => b.map("max", 0, x)),
  Relu6: unary(relu6),
  Rsqrt: unary((b, x) => b.map("div", 1, b.map("sqrt", x))),
  Selu: unary(selu),
  Softplus: unary(softplus),
  Square: unary((b, x) => b.map("mul", x, x)),
  Step: unary(step),

  Add: apply2("add", NUMBERS),
  Atan2: apply2("atan2"),
  Maximum: apply2("max", NUMBERS),
  Minimum: apply2("min", NUMBERS),
  Mod: apply2("mod"),
  Multiply: apply2("mul", NUMBERS),
  Pow: apply2("pow"),
  RealDiv: apply2("div"),
  SquaredDifference: binary(squaredDifference),
  Sub: apply2("sub", NUMBERS),

  Equal: apply2("eq", ALL),
  Greater: apply2("gt", NUMBERS),
  GreaterEqual: apply2("ge", NUMBERS),
  Less: apply2("lt", NUMBERS),
  LessEqual: apply2("le", NUMBERS),
  NotEqual: apply2("ne", ALL),
  LogicalAnd: apply2("and", ["bool"]),
  LogicalOr: apply2("or", ["bool"]),
  LogicalNot: (b, call) =>
    input(call, "x").dtype === "bool" ? b.map("not", input(call, "x")) : undefined,

  AddN: addN,
  Cast: (b, call) => cast(b, input(call, "x"), call.outs[0]!.dtype),
  EluGrad: (b, call) => allFloat(...inputList(call)) ? eluGrad(b, call) : undefined,
  FusedBatchNorm: (b, call) => allFloat(...inputList(call)) ? batchNorm(b, call) : undefined,
  Prelu: prelu,
  Select: select,
};
