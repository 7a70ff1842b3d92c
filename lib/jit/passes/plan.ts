/**
 * The memory plan: a place for each value of a program. Dead values make room for new ones, and a variable's
 * new value overwrites the old one where nothing reads the old one any more.
 * @module
 */
import { isDense } from "../program/access.ts";
import {
  bytesOf,
  type FusedEquation,
  type Operand,
  resultsOf,
  type Var,
} from "../program/equation.ts";
import { alignedBytes, Gaps } from "../program/gaps.ts";
import type { FusedProgram, TinyProgram } from "../program/program.ts";

/** A place in the program's own block, or the place of a variable. */
export type Place =
  | { readonly in: "block"; readonly offset: number }
  | { readonly in: "variable"; readonly index: number };

/** A copy of elements that is made after everything is computed. */
export interface FinalCopy {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: number;
}

/** The place of every value of a program. */
export interface Plan {
  /** The size of the program's block. */
  readonly bytes: number;
  /** The place of each value by its number. */
  readonly places: ReadonlyMap<number, Place>;
  /** The place of each result. */
  readonly outputs: readonly Place[];
  /** The offset of each equation's working memory, by the index of the equation. */
  readonly scratch: ReadonlyMap<number, number>;
  /** The copies that are made at the end. */
  readonly copies: readonly FinalCopy[];
}

/** A function that returns the bytes of working memory that an equation needs. */
export type ScratchOf = (equation: FusedEquation) => number;

/** Plans the memory of a program. */
export function planMemory(program: FusedProgram, scratchOf: ScratchOf): Plan {
  return new Planner(program).run(scratchOf);
}

/** Plans the memory of code that keeps everything but its inputs and results in local variables. */
export function planTiny(program: TinyProgram): Plan {
  const block = new Block();
  const places = new Map<number, Place>();
  program.variables.forEach(({ id }, index) => places.set(id, { in: "variable", index }));
  program.inputs.forEach((value) => places.set(value.id, block.allocate(bytesOf(value))));
  const outputs = program.outputs.map(({ source }) => block.allocate(bytesOf(source)));
  return { bytes: block.bytes, places, outputs, scratch: new Map(), copies: [] };
}

/** An allocator of offsets in a block; freed room is used again. */
class Block {
  readonly #gaps = new Gaps();
  #end = 0;

  get bytes(): number {
    return this.#end;
  }

  allocate(bytes: number): { readonly in: "block"; readonly offset: number } {
    const needed = alignedBytes(bytes);
    const offset = this.#gaps.take(needed) ?? this.#end;
    if (offset === this.#end) this.#end += needed;
    return { in: "block", offset };
  }

  free(at: number, bytes: number): void {
    this.#gaps.add(at, alignedBytes(bytes));
  }
}

class Planner {
  readonly #block = new Block();
  readonly #places = new Map<number, Place>();
  /** The equation that makes each value, and the last one that reads it. */
  readonly #made = new Map<number, number>();
  readonly #lastRead = new Map<number, number>();
  /** Values that must stay until the end. */
  readonly #kept = new Set<number>();

  constructor(readonly program: FusedProgram) {
    program.equations.forEach((equation, step) => {
      for (const { source } of equation.inputs) this.#lastRead.set(source.id, step);
      for (const { id } of resultsOf(equation)) this.#made.set(id, step);
    });
  }

  run(scratchOf: ScratchOf): Plan {
    const { program } = this;
    program.variables.forEach(({ id }, index) => this.#places.set(id, { in: "variable", index }));
    program.inputs.forEach((value) => this.#keep(value));
    program.constants.forEach(({ out }) => this.#keep(out));
    const outputs = program.outputs.map((output) => this.#output(output));
    this.#updateInPlace();
    for (const { value } of program.assigns) this.#kept.add(value.source.id);
    const scratch = this.#temporaries(scratchOf);
    return {
      bytes: this.#block.bytes,
      places: this.#places,
      outputs,
      scratch,
      copies: this.#copies(outputs),
    };
  }

  #keep(value: Var): Place {
    const place = this.#block.allocate(bytesOf(value));
    this.#places.set(value.id, place);
    this.#kept.add(value.id);
    return place;
  }

  /** Chooses the place of a result: it is computed there, unless the same value is returned a second time. */
  #output({ source }: Operand): Place {
    return this.#places.has(source.id) ? this.#block.allocate(bytesOf(source)) : this.#keep(source);
  }

  #updateInPlace(): void {
    for (const { variable, value } of this.program.assigns) {
      if (this.#places.has(value.source.id)) continue;
      const step = this.#made.get(value.source.id);
      const old = this.program.variables[variable]!;
      if (step !== undefined && this.#oldIsDone(old, value.source, step)) {
        this.#places.set(value.source.id, { in: "variable", index: variable });
      }
    }
  }

  /** Tells whether `fresh` can be written over `old` at `step` without destroying elements that are still read. */
  #oldIsDone(old: Var, fresh: Var, step: number): boolean {
    const lastRead = this.#lastRead.get(old.id) ?? -1;
    if (lastRead !== step) return lastRead < step;
    const equation = this.program.equations[step]!;
    if (equation.op !== "loop" || !equation.stores.some(({ out }) => out === fresh)) return false;
    return equation.inputs.every((read) => read.source !== old || isDense(read));
  }

  #temporaries(scratchOf: ScratchOf): Map<number, number> {
    const scratch = new Map<number, number>();
    this.program.equations.forEach((equation, step) => {
      const fresh = resultsOf(equation).filter(({ id }) => !this.#places.has(id));
      for (const value of fresh) this.#places.set(value.id, this.#block.allocate(bytesOf(value)));
      const bytes = scratchOf(equation);
      if (bytes > 0) {
        const { offset } = this.#block.allocate(bytes);
        scratch.set(step, offset);
        this.#block.free(offset, bytes);
      }
      this.#freeAfter(equation, step);
    });
    return scratch;
  }

  #freeAfter(equation: FusedEquation, step: number): void {
    const involved = new Set([
      ...equation.inputs.map(({ source }) => source),
      ...resultsOf(equation),
    ]);
    for (const value of involved) {
      const place = this.#places.get(value.id);
      const dies = (this.#lastRead.get(value.id) ?? step) === step && !this.#kept.has(value.id);
      if (dies && place?.in === "block") this.#block.free(place.offset, bytesOf(value));
    }
  }

  #copies(outputs: readonly Place[]): FinalCopy[] {
    const { program } = this;
    const toOutputs = program.outputs.map(({ source }, i) => ({ source, to: outputs[i]! }));
    const toVariables = program.assigns.map(({ value, variable }) => ({
      source: value.source,
      to: { in: "variable", index: variable } as const,
    }));
    return [...toOutputs, ...toVariables].flatMap(({ source, to }) => {
      const from = this.#places.get(source.id);
      if (!from || samePlace(from, to)) return [];
      return [{ from, to, bytes: bytesOf(source) }];
    });
  }
}

function samePlace(a: Place, b: Place): boolean {
  if (a.in === "block") return b.in === "block" && a.offset === b.offset;
  return b.in === "variable" && a.index === b.index;
}
