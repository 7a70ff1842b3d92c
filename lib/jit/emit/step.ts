/**
 * Writes one program as one WebAssembly module with one function, `run`.
 * @module
 */
import type { Place, Plan } from "../passes/plan.ts";
import type { Program, Values } from "../program.ts";
import { type ScalarFn, SCALARS } from "../scalar.ts";
import { type Callee, ModuleBuilder } from "./assembler.ts";
import type { Layout } from "./memory_code.ts";
import { emitUnrolled } from "./unrolled.ts";

/** A module and what it has to be given. */
export interface StepModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The scalar functions that it calls back into JavaScript for. */
  readonly imported: readonly ScalarFn[];
}

/** The absolute addresses of a program's block and of its variables. */
export interface Addresses {
  readonly block: number;
  readonly variables: readonly number[];
}

/** What is emitted: a program, its plan, and whether it is straight-line code. */
export interface StepSource {
  readonly program: Program;
  readonly plan: Plan;
  readonly tiny: boolean;
}

/** The address of a planned place. */
export function addressOf(place: Place, { block, variables }: Addresses): number {
  return place.in === "block" ? block + place.offset : variables[place.index]!;
}

/** The module of a program at these addresses. */
export function emitStep({ program, plan, tiny }: StepSource, addresses: Addresses): StepModule {
  const builder = new ModuleBuilder();
  builder.importMemory({ module: "env", name: "memory", minPages: 1 });
  const imports = new Imports(builder);
  builder.func({ name: "run", export: true }, (f) => {
    const context = { f, imported: (fn: ScalarFn) => imports.get(fn) };
    const layout = layoutOf(program, plan, addresses);
    const outputs = plan.outputs.map((place) => addressOf(place, addresses));
    if (tiny) emitUnrolled(context, program, { ...layout, outputs });
  });
  return { bytes: builder.finish(), imported: imports.names };
}

function layoutOf(program: Program, plan: Plan, addresses: Addresses): Layout {
  const constants = new Map<number, Values>(
    program.constants.map(({ out, values }) => [out.id, values]),
  );
  return {
    addressOf: ({ id }) => {
      const place = plan.places.get(id);
      if (!place) throw new Error(`internal: value ${id} has no place in memory`);
      return addressOf(place, addresses);
    },
    constantOf: ({ id }) => constants.get(id),
  };
}

/** Imports of scalar functions, made when they are first needed. */
class Imports {
  readonly #known = new Map<ScalarFn, Callee<"f32">>();

  constructor(readonly builder: ModuleBuilder) {}

  get names(): ScalarFn[] {
    return [...this.#known.keys()];
  }

  get(fn: ScalarFn): Callee<"f32"> {
    const known = this.#known.get(fn);
    if (known) return known;
    const params = new Array<"f32">(SCALARS[fn].arity).fill("f32");
    const made = this.builder.importFunction({ module: "math", name: fn, params, result: "f32" });
    this.#known.set(fn, made);
    return made;
  }
}
