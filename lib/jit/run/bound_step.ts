/**
 * Bound steps: the fast path, with arrays in a step's own memory instead of tensors.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { asType, type Values } from "../program/dtype.ts";
import { cpuBackend, dataOf, tensorOf } from "../trace/backend.ts";
import type { Executable } from "./executable.ts";
import type { Entry } from "./entry.ts";
import type { Step } from "./step.ts";
import { type Flat, flatten } from "../trace/tree.ts";

/**
 * A compiled function with input and output memory of its own.
 *
 * Its arrays may lie in memory that threads share. Some functions of the platform, such as those of `TextDecoder`
 * and `Blob`, take no such arrays: give them a copy (`slice()`).
 */
export interface BoundStep {
  /**
   * One array for each tensor among the arguments: write them before `run`, and read the property
   * again after it.
   */
  readonly inputs: readonly Values[];
  /** Runs the step once, like one call with tensors. */
  run(): void;
  /** The results, one array for each tensor, valid until the next run. */
  readonly outputs: readonly Values[];
  /** Frees the memory; use after it throws. */
  dispose(): void;
}

/** A step bound to one signature, its arguments and results as arrays. */
export class ArrayStep<R> implements BoundStep {
  /** The compiled function: its memory would be freed if nobody referred to it. */
  readonly owner: object;
  readonly #step: Step<R>;
  readonly #flat: Flat;
  /** The arguments while there is no program. */
  #inputs: readonly Values[];
  /** The results of an eager call; undefined after a compiled one. */
  #outputs: readonly Values[] | undefined = [];
  #executable: Executable | undefined;
  #entry: Entry | undefined;
  /** The memory generation in which `inputs` was last read. */
  #seen = -1;
  #disposed = false;

  /** Takes shapes, types and first values from the arguments; refers to `owner` so that it is not collected. */
  constructor(step: Step<R>, { flat, owner }: { readonly flat: Flat; readonly owner: object }) {
    this.owner = owner;
    step.assertUsable();
    const backend = cpuBackend();
    this.#step = step;
    this.#flat = flat;
    this.#inputs = flat.leaves.map(({ dataId, dtype }) =>
      asType(dataOf(backend, dataId).values, dtype).slice()
    );
    this.#use(step.compiledEntry(flat));
    step.own(this);
  }

  get inputs(): readonly Values[] {
    this.#assertUsable();
    if (!this.#executable) return this.#inputs;
    this.#seen = this.#executable.generation;
    const { inputs } = this.#executable;
    // Learning rates come after the arguments.
    const count = this.#flat.leaves.length;
    return inputs.length === count ? inputs : inputs.slice(0, count);
  }

  get outputs(): readonly Values[] {
    this.#assertUsable();
    return this.#outputs ?? this.#executable?.outputs ?? [];
  }

  run(): void {
    const entry = this.#entry;
    if (entry?.holds && !entry.checks.isDue) this.#execute(entry);
    else this.#runSlowly();
  }

  dispose(): void {
    this.#leave();
    this.#inputs = [];
    this.#step.disown(this);
    this.#disposed = true;
  }

  #execute(entry: Entry): void {
    const executable = this.#executable!;
    if (executable.generation !== this.#seen) this.#refuseMoved();
    entry.run(executable, this.#step.noise);
    this.#outputs = undefined;
  }

  /** Runs the step when a check is due or no program fits: uses another program, or runs eagerly and records. */
  #runSlowly(): void {
    this.#assertUsable();
    const backend = cpuBackend();
    const leaves = this.#leaves();
    try {
      const flat = { spec: this.#flat.spec, leaves };
      const entry = this.#step.ready(flat);
      if (entry) {
        if (entry !== this.#entry) this.#use(entry);
        return this.#execute(entry);
      }
      this.#takeInputs();
      const results = flatten(this.#step.record(flat), "result").leaves;
      this.#outputs = results.map(({ dataId, dtype }) =>
        asType(dataOf(backend, dataId).values, dtype).slice()
      );
      results.forEach((tensor) => tensor.dispose());
      this.#use(this.#step.compiledEntry(this.#flat));
    } finally {
      leaves.forEach((leaf) => leaf.dispose());
    }
  }

  /** Copies the arguments from a program that does not fit any more, and frees it. */
  #takeInputs(): void {
    const count = this.#flat.leaves.length;
    const present = this.#executable?.inputs.slice(0, count) ?? this.#inputs;
    this.#inputs = present.map((values) => values.slice());
    this.#leave();
  }

  /** Copies the arguments to tensors, which the caller disposes. */
  #leaves(): tf.Tensor[] {
    const values = this.#executable?.inputs ?? this.#inputs;
    return this.#flat.leaves.map(({ shape, dtype }, i) =>
      tensorOf(values[i]!.slice(), shape, dtype)
    );
  }

  /** Switches to a program and copies the arguments to it. */
  #use(entry: Entry | undefined): void {
    if (!entry?.compiled) return;
    const next = this.#step.instantiate(entry.compiled);
    const values = this.#executable?.inputs ?? this.#inputs;
    this.#flat.leaves.forEach((_, i) => next.inputs[i]!.set(values[i]!));
    this.#leave();
    this.#executable = next;
    this.#entry = entry;
    this.#seen = next.generation;
  }

  #leave(): void {
    this.#step.instances.free(this.#executable);
    this.#executable = this.#entry = undefined;
  }

  #assertUsable(): void {
    this.#step.assertUsable();
    if (!this.#disposed) return;
    throw new Error(
      "Cannot use a bound step: expected one with a program, got one that is disposed",
    );
  }

  #refuseMoved(): never {
    throw new Error(
      "Cannot run a bound step: expected `inputs` to be read after its memory moved, got `inputs` " +
        "that were read before; read them again, write the arguments, and run again",
    );
  }
}
