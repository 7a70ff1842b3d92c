/**
 * Removes aliases: views and copies become the accesses of their readers.
 * @module
 */
import {
  type Access,
  composeAccess,
  isContiguous,
  isDense,
  reshapeAccess,
} from "../program/access.ts";
import type {
  MatmulEquation,
  Operand,
  SimpleEquation,
  TracedEquation,
  Var,
} from "../program/equation.ts";
import { nextId, type SimpleProgram, type TracedProgram } from "../program/program.ts";
import { read } from "../program/builder.ts";
import { replaceOperands } from "./replace.ts";

/** Removes views from a program. A reader that needs dense elements and has none gets a copy. */
export function removeAliases(program: TracedProgram): SimpleProgram {
  const aliases = new Aliases(nextId(program));
  for (const equation of program.equations) aliases.visit(equation);
  const overwritten = new Set(program.assigns.map(({ variable }) => program.variables[variable]));
  const result = (operand: Operand): Operand => {
    const dense = aliases.dense(operand);
    // All variables change at once: a result that is the old value of a variable needs a copy of it.
    return overwritten.has(dense.source) ? aliases.copy(dense) : dense;
  };
  const outputs = program.outputs.map(result);
  const assigns = program.assigns.map((assign) => ({ ...assign, value: result(assign.value) }));
  return { ...program, equations: aliases.equations, outputs, assigns };
}

class Aliases {
  readonly equations: SimpleEquation[] = [];
  /** The operand from which a removed value is read. */
  readonly #known = new Map<number, Operand>();

  constructor(private next: number) {}

  visit(equation: TracedEquation): void {
    switch (equation.op) {
      case "view":
        return this.#view(equation.inputs[0], equation.out);
      case "map":
        if (equation.fn === "copy") return this.#view(equation.inputs[0]!, equation.out);
        return this.#keep(replaceOperands(equation, (operand) => this.#resolve(operand)));
      case "reduce":
        return this.#keep(replaceOperands(equation, (operand) => this.#resolve(operand)));
      case "matmul":
        return this.#keep(this.#matmul(equation));
      default:
        return this.#keep(replaceOperands(equation, (operand) => this.contiguous(operand)));
    }
  }

  /** Returns an operand that reads all elements of its source in order. If this one does not, its elements are copied. */
  dense(operand: Operand): Operand {
    const resolved = this.#resolve(operand);
    return isDense(resolved) ? resolved : this.copy(resolved);
  }

  /** Returns an operand that reads consecutive elements in order. If this one does not, its elements are copied. */
  contiguous(operand: Operand): Operand {
    const resolved = this.#resolve(operand);
    return isContiguous(resolved) ? resolved : this.copy(resolved);
  }

  #keep(equation: SimpleEquation): void {
    this.equations.push(equation);
  }

  #view(input: Operand, out: Var): void {
    const resolved = this.#resolve(input);
    const access = reshapeAccess(resolved, out.shape);
    const viewed = access
      ? read(resolved.source, access)
      : read(this.copy(resolved).source, read(out));
    this.#known.set(out.id, viewed);
  }

  /** Finds the stored value that an operand reads in the end, through all views. */
  #resolve(operand: Operand): Operand {
    const known = this.#known.get(operand.source.id);
    if (!known) return operand;
    const composed = composeAccess(operand, known);
    return composed ? read(known.source, composed) : read(this.copy(known).source, operand);
  }

  /** Copies the elements that an operand reads to a new value. */
  copy(operand: Operand): Operand {
    const out: Var = { id: this.next++, dtype: operand.source.dtype, shape: operand.shape };
    this.#keep({ op: "map", fn: "copy", inputs: [operand], out });
    return read(out);
  }

  /** Lets a product read transposed operands as they are stored, and flips its flags `transposeA` and `transposeB`. */
  #matmul(equation: MatmulEquation): MatmulEquation {
    const [a, b] = equation.inputs.map((operand) => this.#stored(operand));
    return {
      ...equation,
      inputs: [a!.operand, b!.operand],
      transposeA: equation.transposeA !== a!.isFlipped,
      transposeB: equation.transposeB !== b!.isFlipped,
    };
  }

  /** Returns matrices in the order in which they are stored. `isFlipped` is true if that is column by column. */
  #stored(matrices: Operand): { readonly operand: Operand; readonly isFlipped: boolean } {
    const resolved = this.#resolve(matrices);
    const isFlipped = isTransposed(resolved);
    return { operand: isFlipped ? transposed(resolved) : this.contiguous(matrices), isFlipped };
  }
}

/** Tells whether matrices are stored column by column. */
function isTransposed(access: Access): boolean {
  return !isContiguous(access) && isContiguous(transposed(access));
}

function transposed<A extends Access>(access: A): A {
  const swap = ([batch, rows, columns]: readonly number[]) => [batch!, columns!, rows!];
  return { ...access, shape: swap(access.shape), strides: swap(access.strides) };
}
