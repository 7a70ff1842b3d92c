/**
 * Writes one program as one WebAssembly module, whose function `run` runs it.
 * @module
 */
import type { Place, Plan } from "../passes/plan.ts";
import type { Values } from "../program/dtype.ts";
import type { ConstantVar, KernelEquation } from "../program/equation.ts";
import type { FusedProgram, TinyProgram } from "../program/program.ts";
import { type ScalarFn, SCALARS } from "../program/scalar.ts";
import { type Callee, type FunctionBuilder, i32, type Int, ModuleBuilder } from "../wasm/mod.ts";
import { emitCopy, scratchOf, stagesOf } from "./equation.ts";
import { SGEMM_PARAMETERS } from "./matmul/mod.ts";
import type { Layout } from "./loop/memory.ts";
import { emitUnrolled } from "./loop/unrolled.ts";
import { ownAddress, type Stage, type StepContext } from "./parts/stage.ts";
import { emitTurns, type TurnStage } from "./parts/turns.ts";

/** A module and its imports. */
export interface StepModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The scalar functions that it imports from JavaScript. */
  readonly imported: readonly ScalarFn[];
  /** The ordinary kernels that it calls. To call one, it passes the kernel's position in this list. */
  readonly kernels: readonly KernelEquation[];
}

/** The absolute addresses of a program's block and of its variables. */
export interface StepAddresses {
  readonly block: number;
  readonly variables: readonly number[];
  /** The smallest size of the memory in pages of 64 KiB. V8 needs less code to check addresses below it. */
  readonly pages: number;
  /** True if it is memory that threads share. */
  readonly isShared?: boolean;
  /** The words by which threads take turns; needed by a program for several threads. */
  readonly words?: number;
}

/** A program that is emitted as straight-line code, and its plan. */
export interface TinySource {
  readonly tiny: true;
  readonly program: TinyProgram;
  readonly plan: Plan;
  readonly blas: undefined;
  readonly threads: 1;
}

/** A program of loops and other steps, and its plan. */
export interface FusedSource {
  readonly tiny: false;
  readonly program: FusedProgram;
  readonly plan: Plan;
  /** The native library that computes large products, if there is one. */
  readonly blas: string | undefined;
  /** The largest number of threads that run it: each has working memory of its own. */
  readonly threads: number;
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
  const { pages, isShared = false } = addresses;
  builder.importMemory({ module: "env", name: "memory", minPages: pages, shared: isShared });
  const imports = new Imports(builder, source.blas !== undefined);
  const contextOf = (f: FunctionBuilder): StepContext => ({
    f,
    imported: (fn) => imports.math(fn),
    kernel: (equation) => imports.kernel(equation),
    refuseIndex: () => imports.refuseIndex(),
    sgemm: imports.sgemm,
  });
  if (source.tiny) {
    builder.func({ name: "run", export: true }, (f) => emitTiny(contextOf(f), source, addresses));
  } else if (source.threads === 1) {
    emitAlone(builder, stagesOfProgram(source, addresses), contextOf);
  } else {
    const waited = builder.importFunction({ module: "env", name: "waited" });
    const functions = joinStages(stagesOfProgram(source, addresses))
      .map((stage) => stageFunction(builder, stage, contextOf));
    builder.func({ name: "run", export: true }, (f) => {
      functions.forEach((stage) => emitParts(f, stage));
    });
    emitTurns(builder, functions, {
      words: addresses.words!,
      threads: source.threads,
      waited,
    });
  }
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

type ContextOf = (f: FunctionBuilder) => StepContext;

/** Adds the function `run`, in which one thread does all parts of all stages. */
function emitAlone(builder: ModuleBuilder, stages: readonly Stage[], contextOf: ContextOf): void {
  builder.func({ name: "run", export: true }, (f) => {
    for (const stage of stages) {
      if (stage.parts === 1) stage.emit(contextOf(f), { part: 0, thread: 0 });
      else emitParts(f, stageFunction(builder, stage, contextOf));
    }
  });
}

/** Calls a stage's function for each part. */
function emitParts(f: FunctionBuilder, { parts, callee }: TurnStage): void {
  if (parts === 1) f.do(callee, i32.const(0), i32.const(0));
  else f.loop({ to: parts }, (part) => f.do(callee, part, i32.const(0)));
}

/** Adds a function that does one part of a stage. */
function stageFunction(builder: ModuleBuilder, stage: Stage, contextOf: ContextOf): TurnStage {
  const { parts, isOwn = false } = stage;
  const name = parts === 1 ? stage.name : `${stage.name} in ${parts} parts`;
  const params = { part: "i32", thread: "i32" } as const;
  const callee = builder.func({ name, params }, (f, at) => {
    stage.emit(contextOf(f), parts === 1 ? { ...at, part: 0 } : at);
  });
  return { parts, isOwn, callee };
}

/** Joins neighbouring stages of one part, so that threads meet less often. */
function joinStages(stages: readonly Stage[]): Stage[] {
  const joined: Stage[] = [];
  for (const stage of stages) {
    const last = joined.at(-1);
    if (last?.parts !== 1 || stage.parts !== 1) joined.push(stage);
    else {
      joined[joined.length - 1] = {
        name: `${last.name}, ${stage.name}`,
        parts: 1,
        isOwn: (last.isOwn ?? false) || (stage.isOwn ?? false),
        emit: (context, at) => [last, stage].forEach((each) => each.emit(context, at)),
      };
    }
  }
  return joined;
}

/**
 * Lists the stages of a program. Loops take single numbers as constants in the code, larger constants from
 * memory.
 */
function stagesOfProgram({ program, plan, blas }: FusedSource, addresses: StepAddresses): Stage[] {
  const scalars = program.constants.filter(({ values }) => values.length === 1);
  const layout = layoutOf(scalars, plan, addresses);
  const stages = program.equations.flatMap((equation, step) => {
    const bytes = scratchOf(equation, blas !== undefined);
    const scratch = addresses.block + (plan.scratch.get(step) ?? 0);
    const own = (thread: Int) => ownAddress(bytes, scratch, thread);
    return stagesOf(equation, { layout, scratch, own });
  });
  const copies = plan.copies.map(({ from, to, bytes }): Stage => ({
    name: "copy",
    parts: 1,
    emit: (context) => {
      emitCopy(context, { from: addressOf(from, addresses), to: addressOf(to, addresses), bytes });
    },
  }));
  return [...stages, ...copies];
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
