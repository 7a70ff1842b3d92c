/**
 * Writes one program as one WebAssembly module with one function, `run`.
 * @module
 */
import type { Place, Plan } from "../passes/plan.ts";
import type { Values } from "../program/dtype.ts";
import type { ConstantVar, KernelEquation } from "../program/equation.ts";
import type { FusedProgram, TinyProgram } from "../program/program.ts";
import { type ScalarFn, SCALARS } from "../program/scalar.ts";
import { type Callee, ModuleBuilder } from "../wasm/mod.ts";
import { emitCopy, emitEquation, type StepContext } from "./equation.ts";
import { SGEMM_PARAMETERS } from "./matmul/mod.ts";
import type { Layout } from "./loop/memory.ts";
import { emitUnrolled } from "./loop/unrolled.ts";

/** A module and its imports. */
export interface StepModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The scalar functions that it imports from JavaScript. */
  readonly imported: readonly ScalarFn[];
  /** The ordinary kernels that it calls; their place in the list is the number that it passes. */
  readonly kernels: readonly KernelEquation[];
}

/** The absolute addresses of a program's block and of its variables. */
export interface StepAddresses {
  readonly block: number;
  readonly variables: readonly number[];
  /** The size of the memory in pages. V8 checks addresses below it with less code. */
  readonly pages: number;
}

/** A program that is emitted as straight-line code, and its plan. */
export interface TinySource {
  readonly tiny: true;
  readonly program: TinyProgram;
  readonly plan: Plan;
  readonly blas: undefined;
}

/** A program of loops and other steps, and its plan. */
export interface FusedSource {
  readonly tiny: false;
  readonly program: FusedProgram;
  readonly plan: Plan;
  /** The native library that computes large products, if there is one. */
  readonly blas: string | undefined;
}

/** A program as the emitter takes it. */
export type StepSource = (TinySource | FusedSource) & {
  /** True if the module may contain instructions of relaxed SIMD. */
  readonly relaxed: boolean;
};

/** Returns the address of a planned place. */
export function addressOf(place: Place, { block, variables }: StepAddresses): number {
  return place.in === "block" ? block + place.offset : variables[place.index]!;
}

/** Writes the module of a program at these addresses. */
export function emitStep(source: StepSource, addresses: StepAddresses): StepModule {
  const builder = new ModuleBuilder({ relaxed: source.relaxed });
  builder.importMemory({ module: "env", name: "memory", minPages: addresses.pages });
  const imports = new Imports(builder, source.blas !== undefined);
  builder.func({ name: "run", export: true }, (f) => {
    const context: StepContext = {
      f,
      imported: (fn) => imports.math(fn),
      kernel: (equation) => imports.kernel(equation),
      refuseIndex: () => imports.refuseIndex(),
      sgemm: imports.sgemm,
    };
    if (source.tiny) emitTiny(context, source, addresses);
    else emitEquations(context, source, addresses);
  });
  return { bytes: builder.finish(), imported: imports.names, kernels: imports.kernels };
}

function emitTiny(
  context: StepContext,
  { program, plan }: TinySource,
  addresses: StepAddresses,
): void {
  const layout = layoutOf(program.constants, plan, addresses);
  const outputs = plan.outputs.map((place) => addressOf(place, addresses));
  emitUnrolled(context, program, { ...layout, outputs });
}

/**
 * Writes the equations of a program. Loops take single numbers as constants in the code, larger constants
 * from memory.
 */
function emitEquations(
  context: StepContext,
  { program, plan }: FusedSource,
  addresses: StepAddresses,
): void {
  const scalars = program.constants.filter(({ values }) => values.length === 1);
  const layout = layoutOf(scalars, plan, addresses);
  program.equations.forEach((equation, step) => {
    const scratch = addresses.block + (plan.scratch.get(step) ?? 0);
    emitEquation(context, equation, { layout, scratch });
  });
  for (const { from, to, bytes } of plan.copies) {
    emitCopy(context, { from: addressOf(from, addresses), to: addressOf(to, addresses), bytes });
  }
}

function layoutOf(constants: readonly ConstantVar[], plan: Plan, addresses: StepAddresses): Layout {
  const known = new Map<number, Values>(constants.map(({ out, values }) => [out.id, values]));
  return {
    addressOf: ({ id }) => {
      const place = plan.places.get(id);
      if (!place) throw new Error(`internal: value ${id} has no place in memory`);
      return addressOf(place, addresses);
    },
    constantOf: ({ id }) => known.get(id),
  };
}

/** The imported functions, made when they are first needed. */
class Imports {
  readonly kernels: KernelEquation[] = [];
  readonly sgemm: Callee | undefined;
  readonly #math = new Map<ScalarFn, Callee<"f32">>();
  #kernel: Callee | undefined;
  #refuseIndex: Callee | undefined;

  constructor(readonly builder: ModuleBuilder, blas: boolean) {
    this.sgemm = blas
      ? builder.importFunction({ module: "env", name: "sgemm", params: SGEMM_PARAMETERS })
      : undefined;
  }

  get names(): ScalarFn[] {
    return [...this.#math.keys()];
  }

  math(fn: ScalarFn): Callee<"f32"> {
    const known = this.#math.get(fn);
    if (known) return known;
    const params = new Array<"f32">(SCALARS[fn].arity).fill("f32");
    const made = this.builder.importFunction({ module: "math", name: fn, params, result: "f32" });
    this.#math.set(fn, made);
    return made;
  }

  refuseIndex(): Callee {
    return this.#refuseIndex ??= this.builder.importFunction({
      module: "env",
      name: "refuseIndex",
      params: ["i32", "i32"],
    });
  }

  kernel(equation: KernelEquation): { callee: Callee; index: number } {
    const callee = this.#kernel ??= this.builder.importFunction({
      module: "env",
      name: "kernel",
      params: ["i32"],
    });
    return { callee, index: this.kernels.push(equation) - 1 };
  }
}
