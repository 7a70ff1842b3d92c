/**
 * A program in memory: an instance of its module, its variables, and views of its inputs and results.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { sharedArena, type Slot } from "./arena.ts";
import { loadBlas } from "./blas.ts";
import { addressOf, emitStep, type StepModule, type StepSource } from "../emit/step.ts";
import { KernelCall } from "./kernel_call.ts";
import type { Plan } from "../passes/plan.ts";
import type { Values } from "../program/dtype.ts";
import type { Operand, Var } from "../program/equation.ts";
import type { Program } from "../program/program.ts";
import { SCALARS } from "../program/scalar.ts";
import { sharedPool } from "./pool.ts";
import { Team } from "./team.ts";

/** A compiled program without addresses. */
export type Compiled = StepSource & {
  readonly variables: readonly tf.Variable[];
  readonly fallbacks: Readonly<Record<string, number>>;
  /** The number of the input that is the state of the random generator; undefined if nothing is drawn. */
  readonly noiseInput?: number | undefined;
};

interface Port {
  readonly value: Var;
  readonly address: number;
}

/** One instance of a compiled program. */
export class Executable {
  /** The module. */
  readonly module: Uint8Array<ArrayBuffer>;
  readonly #arena = sharedArena();
  readonly #block: number;
  readonly #slots: readonly Slot[];
  readonly #run: () => void;
  /** The threads that share a program; undefined if it has one thread. */
  readonly #team: Team | undefined;
  readonly #inputs: readonly Port[];
  readonly #outputs: readonly Port[];
  #generation = -1;
  #inputViews: readonly Values[] = [];
  #outputViews: readonly Values[] = [];

  /** Reserves memory, emits the module and instantiates it. */
  constructor(compiled: Compiled) {
    const { program, plan } = compiled;
    this.#slots = compiled.variables.map((variable) => this.#arena.slotOf(variable));
    this.#block = this.#arena.allocate(plan.bytes);
    const pool = compiled.threads > 1 ? sharedPool() : undefined;
    const addresses = {
      block: this.#block,
      variables: this.#slots.map(({ address }) => address),
      pages: this.#arena.pages,
      isShared: this.#arena.isShared,
      ...(pool && { words: pool.words }),
    };
    const module = emitStep(compiled, addresses);
    this.module = module.bytes;
    const places = (value: Var) => addressOf(plan.places.get(value.id)!, addresses);
    const kernels = module.kernels.map((kernel) => new KernelCall(kernel, this.#arena, places));
    const blas = compiled.blas ? loadBlas() : undefined;
    const instance = instantiate(module, {
      memory: this.#arena.memory,
      kernel: (index: number) => kernels[index]!.run(),
      refuseIndex,
      sgemm: blas?.bind(this.#arena.memory) ?? refuseProduct,
      waited: () => pool?.waited(),
    });
    this.#team = pool && new Team(pool, {
      ...instance,
      library: blas?.library,
      threads: compiled.threads,
    });
    this.#run = instance.exports["run"] as () => void;
    const at = (place: Plan["outputs"][number]) => addressOf(place, addresses);
    this.#inputs = program.inputs.map((value) => ({
      value,
      address: at(plan.places.get(value.id)!),
    }));
    this.#outputs = program.outputs.map((output, i) => ({
      value: shaped(output),
      address: at(plan.outputs[i]!),
    }));
    this.#writeConstants(program, plan);
  }

  /** The arrays of the arguments, to be written. */
  get inputs(): readonly Values[] {
    this.#refresh();
    return this.#inputViews;
  }

  /** The type and shape of each result. */
  get results(): readonly Var[] {
    return this.#outputs.map(({ value }) => value);
  }

  /** The arrays of the results, valid until the next run. */
  get outputs(): readonly Values[] {
    this.#refresh();
    return this.#outputViews;
  }

  /** A number that changes when `inputs` and `outputs` have to be read again. */
  get generation(): number {
    return this.#arena.generation;
  }

  /** Runs the program once. */
  run(): void {
    const slots = this.#slots;
    for (let i = 0; i < slots.length; i++) if (!slots[i]!.isHere) slots[i]!.moveIn();
    if (this.#team) this.#team.run();
    else this.#run();
  }

  /** Gives the memory back; variables that no other program has move out of it. */
  dispose(): void {
    this.#team?.dispose();
    this.#slots.forEach((slot) => this.#arena.release(slot));
    this.#arena.free(this.#block);
  }

  #refresh(): void {
    if (this.#generation === this.#arena.generation) return;
    this.#generation = this.#arena.generation;
    const view = ({ value, address }: Port) => this.#arena.view(value.dtype, address, value.shape);
    this.#inputViews = this.#inputs.map(view);
    this.#outputViews = this.#outputs.map(view);
  }

  #writeConstants(program: Program, plan: Plan): void {
    for (const { out, values } of program.constants) {
      const place = plan.places.get(out.id);
      if (place?.in !== "block") continue;
      this.#arena.view(out.dtype, this.#block + place.offset, out.shape).set(values);
    }
  }
}

/** Returns a result with the shape in which it is returned. */
function shaped({ source, shape }: Operand): Var {
  return { id: source.id, dtype: source.dtype, shape };
}

function instantiate(
  { bytes, imported }: StepModule,
  env: Readonly<Record<string, WebAssembly.ImportValue>>,
): { readonly module: WebAssembly.Module; readonly exports: WebAssembly.Exports } {
  const math = Object.fromEntries(imported.map((fn) => [fn, SCALARS[fn].meaning]));
  const module = new WebAssembly.Module(bytes);
  return { module, exports: new WebAssembly.Instance(module, { env, math }).exports };
}

/** Throws for an index out of range, as TensorFlow.js does. What the program assigned before stays assigned. */
function refuseIndex(index: number, length: number): never {
  throw new RangeError(`Cannot gather: expected indices from 0 to ${length - 1}, got ${index}`);
}

/** Throws if a module asks for a library that is not there, which cannot happen. */
function refuseProduct(): never {
  throw new Error("internal: a product was left to a library, and there is none");
}
