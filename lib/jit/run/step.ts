/**
 * Runs a function as compiled programs: finds the program that fits a call, or records the call.
 *
 * A call is recorded if its signature has no program whose guards hold. Two equal recordings make a
 * program. By default a recorded call runs eagerly, and its effects stay. With the option
 * `rehearse` they are undone. From time to time the function is rehearsed again, to find out if
 * something that was fixed has changed.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../../check/mod.ts";
import { simplify } from "../passes/mod.ts";
import { printProgram } from "../program/print.ts";
import { lower } from "../rules/lower.ts";
import { cpuBackend, dataOf, tensorOf } from "../trace/backend.ts";
import { type Difference, difference } from "../trace/compare.ts";
import { withRateInputs } from "../trace/rate_inputs.ts";
import { record, type Recordable, type RecordOptions, rehearse } from "../trace/record.ts";
import type { Recording } from "../trace/recording.ts";
import { type Flat, flatten, specDifference, unflatten } from "../trace/tree.ts";
import { compile, type Target } from "./compile.ts";
import { drawer } from "./draw.ts";
import { Entry } from "./entry.ts";
import type { Compiled, Executable } from "./executable.ts";
import { Explanation } from "./explain.ts";
import { type ExportOptions, exportProgram } from "./export.ts";
import type { ExportedProgram } from "./exported_program.ts";
import { freeFastKernels, runFast } from "./fast_kernels.ts";
import { Instances } from "./instances.ts";
import { type JitOptions, KINDS } from "./jit_options.ts";
import { NoiseSource } from "./noise_source.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";
import type { Stages } from "./stages.ts";
import { mostThreads } from "./threads.ts";

/** The largest number of recordings of a signature: if none of them repeats the one before, the function is refused. */
const MOST_RECORDINGS = 4;

/** A function and its programs. */
export class Step<R> {
  /** Its programs in memory. */
  readonly instances: Instances = new Instances();
  /** The source of its random numbers. */
  readonly noise: NoiseSource;
  readonly #fn: Recordable<R>;
  readonly #name: string;
  readonly #cacheSize: number;
  readonly #rehearses: boolean;
  readonly #target: Required<Omit<Target, "native">>;
  /** Most recently used first. */
  #entries: Entry[] = [];
  #last: Entry | undefined;
  #traces = 0;
  #checks = 0;
  #compileMs = 0;
  readonly #modules = new WeakMap<Compiled, Uint8Array<ArrayBuffer>>();
  #retraced: string | undefined;
  #disposed = false;
  /** The bound steps that are disposed together with it. */
  readonly #boundSteps = new Set<{ dispose(): void }>();

  /**
   * Checks the options; compiles nothing yet.
   *
   * @throws {TypeError | RangeError} if an option is not known or of the wrong kind.
   */
  constructor(fn: Recordable<R>, options: JitOptions) {
    checkOptions("compile a function", options, { kinds: KINDS });
    this.#fn = fn;
    this.#name = options.name ?? "a compiled function";
    this.#cacheSize = options.cacheSize ?? 16;
    this.#rehearses = options.rehearse ?? false;
    this.#target = {
      relaxed: (options.relaxedSimd ?? true) && hasRelaxedSimd(),
      threads: Math.min(options.threads ?? Infinity, mostThreads()),
    };
    this.noise = options.noise ?? new NoiseSource();
  }

  /** Makes one call with tensors; `self` is the object whose method it is. */
  call(args: readonly unknown[], self: unknown): R {
    this.assertUsable();
    const flat = { ...flatten(args, "argument"), self };
    const entry = this.ready(flat);
    return entry ? this.#execute(entry, flat) : this.record(flat);
  }

  /** Finds the program for a call, and checks it if that is due; undefined if the call has to be recorded. */
  ready(flat: Flat): Entry | undefined {
    const entry = this.compiledEntry(flat);
    if (!entry) return this.#rehearses ? this.#rehearse(flat) : undefined;
    if (entry.checks.isDue) this.#check(entry, flat);
    return entry;
  }

  /** Finds the program that fits a call now, if there is one. */
  compiledEntry(flat: Flat): Entry | undefined {
    const index = this.#entries.findIndex((entry) =>
      entry.compiled && entry.fits(flat) && entry.holds
    );
    if (index < 0) return undefined;
    const entry = this.#entries[index]!;
    if (index > 0) this.#entries.unshift(...this.#entries.splice(index, 1));
    return this.#last = entry;
  }

  /** Runs the function eagerly and records it. Compiles it if the recording equals the one before. */
  record(flat: Flat): R {
    const { recording, result, undo } = record(this.#fn, flat, {
      ...this.#recordOptions(flat),
      draw: drawer((words) => this.noise.next(words)),
    });
    try {
      this.#learn(flat, recording);
    } catch (error) {
      undo.restore();
      tf.dispose(flatten(result, "result").leaves as tf.Tensor[]);
      throw error;
    }
    undo.forget();
    for (const index of recording.disposed) flat.leaves[index]!.dispose();
    return result;
  }

  /** The text of the program of the last call. */
  get program(): string {
    const last = this.#lastEntry();
    return printProgram(last.compiled?.program ?? simplify(lower(last.recording).program));
  }

  /** Returns facts about the last call. */
  explain(): Explanation {
    this.assertUsable();
    const last = this.#last;
    const compiled = last?.compiled;
    return new Explanation({
      traces: this.#traces,
      checks: this.#checks,
      programs: this.#entries.filter((entry) => entry.compiled).length,
      kernels: last?.recording.kernels.length ?? 0,
      loops: compiled?.tiny ? 1 : compiled?.program.equations.length ?? 0,
      bytes: compiled?.plan.bytes ?? 0,
      moduleBytes: last && compiled ? this.#moduleOf(last, compiled).length : 0,
      compileMs: this.#compileMs,
      fallbacks: compiled?.fallbacks ?? (last ? fallbacksOf(last.recording) : {}),
      retraced: this.#retraced,
      blas: compiled?.blas,
      threads: compiled?.threads ?? 1,
      relaxedSimd: this.#target.relaxed,
    });
  }

  /** Returns the stages of the last call's program. */
  stages(): Stages {
    const last = this.#lastEntry();
    const { recording, compiled } = last;
    if (!compiled) {
      throw new Error(
        `Cannot show the stages of ${this.#name}: expected a compiled program, got ` +
          (recording.plain === undefined
            ? "one that was only recorded"
            : `tensors of type ${recording.plain}`),
      );
    }
    return {
      kernels: recording.kernels.map(({ name }) => name),
      traced: printProgram(lower(recording).program),
      fused: printProgram(compiled.program),
      module: this.#moduleOf(last, compiled).slice(),
    };
  }

  /** Exports the only program as an object that a page can run. */
  export(options: ExportOptions): ExportedProgram {
    this.assertUsable();
    return exportProgram(this.#entries, { name: this.#name, options });
  }

  /** Makes a new instance of a compiled program. */
  instantiate(compiled: Compiled): Executable {
    const executable = this.#timed(() => this.instances.make(compiled));
    this.#modules.set(compiled, executable.module);
    return executable;
  }

  /** Adds a bound step to those that `dispose` also disposes. */
  own(boundStep: { dispose(): void }): void {
    this.#boundSteps.add(boundStep);
  }

  /** Removes a bound step from those that `dispose` also disposes. */
  disown(boundStep: { dispose(): void }): void {
    this.#boundSteps.delete(boundStep);
  }

  /** Frees every program. */
  dispose(): void {
    this.#boundSteps.forEach((boundStep) => boundStep.dispose());
    this.instances.dispose();
    this.#entries = [];
    this.#disposed = true;
  }

  /** Throws after `dispose`. */
  assertUsable(): void {
    if (!this.#disposed) return;
    throw new Error(
      `Cannot call ${this.#name}: expected a compiled function, got one that is disposed`,
    );
  }

  #execute(entry: Entry, flat: Flat): R {
    const backend = cpuBackend();
    const executable = entry.executable ??= this.instantiate(entry.compiled!);
    const { inputs } = executable;
    flat.leaves.forEach((leaf, i) => inputs[i]!.set(dataOf(backend, leaf.dataId).values));
    entry.run(executable, this.noise);
    const { recording } = entry;
    for (const index of recording.disposed) flat.leaves[index]!.dispose();
    const tensors = executable.outputs.map((values, i) => {
      const { shape, dtype } = recording.results[i]!;
      return tensorOf(values.slice(), shape, dtype as tf.DataType);
    });
    return unflatten(recording.resultSpec, tensors.values()) as R;
  }

  /**
   * Records a signature in calls whose effects are undone, and returns its entry. Returns undefined
   * if no program is possible.
   */
  #rehearse(flat: Flat): Entry | undefined {
    for (let recordings = 0; !this.compiledEntry(flat); recordings++) {
      if (this.#entryOf(flat)?.recording.plain !== undefined) return undefined;
      if (recordings > 2 * MOST_RECORDINGS) {
        throw new Error(
          "Cannot compile this function: expected optimizers that change only by their steps, got other " +
            `changes after each call (${this.#reason(flat) ?? "unknown"})`,
        );
      }
      this.#learn(flat, rehearse(this.#fn, flat, this.#recordOptions(flat)));
    }
    return this.compiledEntry(flat);
  }

  /** Throws if something else would be recorded now than when the program was made. */
  #check(entry: Entry, flat: Flat): void {
    const start = performance.now();
    const now = rehearse(this.#fn, flat, {
      origins: false,
      standIn: runFast,
      draw: drawer((words) => this.noise.rehearse(words)),
    });
    this.#checks++;
    const found = difference(entry.recording, now);
    if (!found) return entry.checks.checked(performance.now() - start);
    this.#remove(entry); // a bound step that uses it finds that a check is due
    throw new Error(
      `Cannot run ${this.#name}: expected ${found.was} in ${found.operation}, as when it was recorded, ` +
        `got ${found.is}; keep what changes between calls in an argument or a tf.Variable`,
    );
  }

  /** Adds a recording to its entry; throws if the function cannot be compiled. */
  #learn(flat: Flat, recording: Recording): void {
    this.#traces++;
    const pending = this.#entries.find((entry) => !entry.compiled && entry.fits(flat));
    if (pending) return this.#update(pending, recording);
    this.#retraced = this.#reason(flat) ?? this.#retraced;
    this.#begin(flat, recording);
  }

  /** Compiles a recording that equals the one before; throws if it should, but does not. */
  #update(entry: Entry, recording: Recording): void {
    const before = entry.recording;
    entry.recording = entry.traced = recording;
    this.#last = entry;
    if (recording.plain !== undefined) return;
    const found = difference(before, recording);
    if (!found) this.#compile(entry, recording);
    else if (!before.guards.holds()) {
      // A changed optimizer or variable may be the reason: compare with the next recording.
      const merged = withRateInputs(before, recording);
      if (merged) this.#compile(entry, merged);
    } else if (found.kind !== "structure" || ++entry.recordings > MOST_RECORDINGS) refuse(found);
  }

  /** Adds an entry. It is compiled at once if it differs from a program only in a learning rate. */
  #begin(flat: Flat, recording: Recording): void {
    const entry = new Entry(flat, recording);
    const known = this.#entryOf(flat);
    const merged = known?.compiled && withRateInputs(known.traced, recording);
    if (merged) {
      this.#remove(known);
      this.#compile(entry, merged);
    }
    this.#entries.unshift(entry);
    this.#last = entry;
    for (const old of this.#entries.splice(this.#cacheSize)) this.instances.free(old.executable);
  }

  #entryOf(flat: Flat): Entry | undefined {
    return this.#entries.find((entry) => entry.fits(flat));
  }

  #recordOptions(flat: Flat): RecordOptions {
    return {
      known: this.#entryOf(flat)?.traced.steps.optimizers,
      standIn: runFast,
      draw: drawer((words) => this.noise.rehearse(words)),
    };
  }

  #compile(entry: Entry, recording: Recording): void {
    entry.recording = recording;
    entry.compiled = this.#timed(() => compile(recording, this.#target));
    freeFastKernels();
  }

  #remove(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.instances.free(entry.executable);
  }

  /** Describes the difference from the program that was used last. */
  #reason(flat: Flat): string | undefined {
    const last = this.#last;
    if (!last) return undefined;
    const found = specDifference(last.spec, flat.spec, "args");
    if (found) return `${found.path} was ${found.was}, is ${found.is}`;
    return last.recording.guards.difference() ?? "its program left the cache";
  }

  #moduleOf(entry: Entry, compiled: Compiled): Uint8Array<ArrayBuffer> {
    if (!this.#modules.has(compiled)) entry.executable = this.instantiate(compiled);
    return this.#modules.get(compiled)!;
  }

  #lastEntry(): Entry {
    this.assertUsable();
    if (!this.#last) throw new Error("Cannot show a program: expected a call before, got none");
    return this.#last;
  }

  #timed<T>(work: () => T): T {
    const start = performance.now();
    const result = work();
    this.#compileMs += performance.now() - start;
    return result;
  }
}

function refuse({ kind, operation, was, is }: Difference): never {
  if (kind === "structure") {
    throw new Error(
      "Cannot compile this function: expected the same operations in each call, got different ones " +
        `(${operation}: ${was}, then ${is})`,
    );
  }
  throw new Error(
    "Cannot compile this function: expected values that depend on its arguments and variables, got " +
      `different ones in each call from ${operation}; pass them as an argument (${was}, then ${is})`,
  );
}

/** Counts the kernels that run as they are: all of them, if the function itself runs at every call. */
function fallbacksOf(recording: Recording): Readonly<Record<string, number>> {
  if (recording.plain === undefined) return lower(recording).fallbacks;
  const counts: Record<string, number> = {};
  for (const { name } of recording.kernels) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
