/**
 * The invariants of programs. The compiler checks them before it emits code, tests check them after every
 * pass.
 * @module
 */
import { isDense, sizeOf } from "./access.ts";
import {
  type AssembleEquation,
  type Equation,
  type GatherEquation,
  type LoopEquation,
  NOISE_WORDS,
  type Operand,
  resultsOf,
  type SegmentSumEquation,
  type Var,
} from "./equation.ts";
import { printVar } from "./print.ts";
import { type Program, resultOperands } from "./program.ts";
import { SCALARS } from "./scalar.ts";

/** Returns the program unchanged, or throws an internal error that names the broken invariant. */
export function checkProgram<P extends Program>(program: P): P {
  const defined = new Map<number, Var>();
  const define = (value: Var) => {
    if (defined.has(value.id)) fail(`${printVar(value)} is defined twice`);
    defined.set(value.id, value);
  };
  [...program.inputs, ...program.variables].forEach(define);
  for (const { out, values } of program.constants) {
    if (values.length !== sizeOf(out.shape)) fail(`${printVar(out)} has ${values.length} values`);
    define(out);
  }
  for (const equation of program.equations) {
    equation.inputs.forEach((operand) => checkOperand(operand, defined));
    checkEquation(equation);
    resultsOf(equation).forEach(define);
  }
  for (const operand of resultOperands(program)) {
    checkOperand(operand, defined);
    if (!isDense(operand)) fail(`the result ${printVar(operand.source)} is not dense`);
  }
  checkAssigns(program);
  return program;
}

function checkOperand(operand: Operand, defined: ReadonlyMap<number, Var>): void {
  const { source, shape, strides, offset } = operand;
  if (defined.get(source.id) !== source) fail(`${printVar(source)} is read before it is defined`);
  if (shape.length !== strides.length) fail(`a read of ${printVar(source)} has ranks that differ`);
  if (sizeOf(shape) === 0) return;
  const reach = (sign: number) =>
    shape.reduce((sum, n, d) => {
      const span = (n - 1) * strides[d]!;
      return Math.sign(span) === sign ? sum + span : sum;
    }, offset);
  if (reach(-1) < 0 || reach(1) >= sizeOf(source.shape)) {
    fail(`a read of ${printVar(source)} leaves it`);
  }
}

function checkEquation(equation: Equation): void {
  switch (equation.op) {
    case "map":
      if (equation.inputs.length !== SCALARS[equation.fn].arity) {
        fail(`${equation.fn} has another number of operands`);
      }
      equation.inputs.forEach((input) => checkSize(input, sizeOf(equation.out.shape)));
      return;
    case "view":
      return checkSize(equation.inputs[0], sizeOf(equation.out.shape));
    case "loop":
      return checkLoop(equation);
    case "reduce":
      if (equation.axes.some((axis) => axis < 0 || axis >= equation.inputs[0].shape.length)) {
        fail(`${printVar(equation.out)} has axes that its operand does not have`);
      }
      return;
    case "assemble":
      return checkParts(equation);
    case "draw": {
      const [state] = equation.inputs;
      if (state.source.dtype !== "int32") fail("a draw's state is not int32");
      if (equation.out.dtype === "bool") fail(`${printVar(equation.out)} is drawn as bool`);
      return checkSize(state, NOISE_WORDS);
    }
    case "gather":
    case "segmentSum":
      return checkPicks(equation);
    case "matmul":
    case "conv":
    case "pool":
    case "poolGradient":
    case "kernel":
      return;
    default:
      return equation satisfies never;
  }
}

function checkLoop({ shape, inputs, body, stores }: LoopEquation): void {
  inputs.forEach((input) => checkSize(input, sizeOf(shape)));
  body.forEach(({ args }, i) => {
    if (args.some((arg) => arg >= inputs.length + i)) fail("a loop reads ahead");
  });
  stores.forEach(({ out }) => {
    if (sizeOf(out.shape) !== sizeOf(shape)) fail(`${printVar(out)} does not fit`);
  });
}

function checkSize(operand: Operand, size: number): void {
  if (sizeOf(operand.shape) !== size) {
    fail(
      `a read of ${printVar(operand.source)} has ${sizeOf(operand.shape)} elements, not ${size}`,
    );
  }
}

function checkParts({ inputs, begins, out }: AssembleEquation): void {
  inputs.forEach(({ shape }, i) => {
    const begin = begins[i] ?? [];
    const fits = begin.length === shape.length && shape.length === out.shape.length &&
      shape.every((n, d) => begin[d]! >= 0 && begin[d]! + n <= out.shape[d]!);
    if (!fits) fail(`part ${i} of ${printVar(out)} leaves it`);
  });
}

function checkPicks({ op, inputs: [x, numbers], out }: GatherEquation | SegmentSumEquation): void {
  const [count, lists] = numbers.shape.toReversed();
  const fits = numbers.source.dtype === "int32" && numbers.shape.length <= 2 &&
    count === (op === "gather" ? out : x).shape[1] &&
    (lists === undefined || (op === "gather" && lists === x.shape[0])) &&
    [x, out].every(({ shape }) => shape.length === 3) &&
    x.shape[0] === out.shape[0] && x.shape[2] === out.shape[2] && x.source.dtype === out.dtype;
  if (!fits) fail(`${printVar(out)} does not fit its operands`);
}

function checkAssigns({ assigns, variables }: Program): void {
  const seen = new Set<number>();
  for (const { variable, value } of assigns) {
    const target = variables[variable];
    if (target === undefined) fail(`there is no variable ${variable}`);
    if (seen.has(variable)) fail(`variable ${variable} is assigned twice`);
    if (target?.dtype !== value.source.dtype) fail(`variable ${variable} changes its type`);
    seen.add(variable);
  }
}

function fail(what: string): never {
  throw new Error(`internal: the program is broken: ${what}`);
}
