/**
 * Common subexpressions: what is computed twice from the same values is computed once.
 * @module
 */
import {
  type Equation,
  type Operand,
  operandsOf,
  resultsOf,
  type Var,
} from "../program/equation.ts";
import type { Program } from "../program/program.ts";
import { read } from "../program/builder.ts";
import { replaceOperands, replaceResults } from "./replace.ts";

/** The program without repeated work. Ordinary kernels are left alone: they may not be pure. */
export function shareCommon(program: Program): Program {
  const same = new Map<number, Var>();
  const seen = new Map<string, readonly Var[]>();
  const redirect = (operand: Operand): Operand => {
    const source = same.get(operand.source.id);
    return source ? read(source, operand) : operand;
  };
  const equations = program.equations.flatMap((equation): Equation[] => {
    const updated = replaceOperands(equation, redirect);
    if (updated.op === "kernel") return [updated];
    const key = keyOf(updated);
    const known = seen.get(key);
    if (!known) {
      seen.set(key, resultsOf(updated));
      return [updated];
    }
    resultsOf(updated).forEach((value, i) => same.set(value.id, known[i]!));
    return [];
  });
  return program.with({ equations, ...replaceResults(program, redirect) });
}

/** Equal for equations that compute the same; everything but the operands is plain data. */
function keyOf(equation: Equation): string {
  const operands = operandsOf(equation).map(operandKey).join(";");
  return `${equation.op} ${detailOf(equation)} ${operands}`;
}

function operandKey({ source, shape, offset, strides }: Operand): string {
  return `${source.id}@${offset}[${shape}][${strides}]`;
}

function detailOf(equation: Equation): string {
  switch (equation.op) {
    case "map":
      return `${equation.fn} ${equation.out.dtype}`;
    case "reduce":
      return `${equation.fn} ${equation.axes}`;
    case "view":
      return `${equation.out.shape}`;
    case "matmul":
      return `${equation.transposeA} ${equation.transposeB}`;
    case "conv":
      return `${equation.kind} ${Object.values(equation.geometry)}`;
    case "nest":
      return `${equation.name} ${Object.values(equation.attrs).join("|")} ${equation.out.shape}`;
    case "loop":
    case "kernel":
      return `${resultsOf(equation).map(({ id }) => id)}`;
    default:
      return equation satisfies never;
  }
}
