/**
 * Runs a function as compiled programs: which program fits a call, and when to trace anew.
 *
 * The first calls are eager and recorded. Two recordings that agree make a program, and later calls
 * of that signature run it, as long as its guards hold.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { cpuBackend, dataOf, tensorOf } from "../trace/backend.ts";
import { difference } from "../trace/compare.ts";
import { compile } from "./compile.ts";
import { type Compiled, Executable } from "./executable.ts";
import { Explanation } from "./explain.ts";
import { freeFastKernels, runFast } from "./fast_kernels.ts";
import { lower } from "../rules/lower.ts";
import { simplify } from "../passes/mod.ts";
import { withRateInputs } from "../trace/rate_inputs.ts";
import { printProgram } from "../program/print.ts";
import { record, type Recorded, type Recording } from "../trace/record.ts";
import { rehearse } from "./rehearsal.ts";
import { type Flat, flatten, type Spec, specDifference, unflatten } from "../trace/tree.ts";

/** How a function is compiled. */
export interface JitOptions {
  /** How many programs are kept, the least recently used leaving first: 16 when left out. */
  readonly cacheSize?: number;
  /**
   * Whether the calls that record do not count: what they change is put back (variables, slots and step
   * counts of optimizers), and every call that counts runs as the program. A training step is then the
   * same numbers whenever it is recorded, so a run may go on in another process. The function runs two or
   * three times more than it is called; what else it does in JavaScript happens as often, and its first
   * call must mean what later ones do. False when left out: the first calls are eager ones.
   */
  readonly rehearse?: boolean;
}

/** A recorded call must repeat the one before within this many, or the function is refused. */
const MOST_RECORDINGS = 4;

/** One signature: what was recorded last, and the program once two recordings agreed. */
export class Entry {
  /** The compiled program, and what it was made from. */
  compiled: Compiled | undefined;
  /** The instance that tensor calls use. */
  executable: Executable | undefined;
  /** How many calls were recorded for it. */
  recordings = 1;

  /** The last recording as it was made; `recording` may have learning rates as further inputs. */
  traced: Recording;

  /** Begins with the first recording. */
  constructor(readonly spec: Spec, public recording: Recording) {
    this.traced = recording;
  }

  /** Whether the optimizers are as they were when it was recorded. */
  get holds(): boolean {
    return this.recording.guards.holds();
  }
}

/** A function and its programs. */
export class Step<R> {
  readonly #fn: (...args: never[]) => R;
  readonly #cacheSize: number;
  readonly #rehearses: boolean;
  /** Most recently used first. */
  #entries: Entry[] = [];
  #last: Entry | undefined;
  #traces = 0;
  #compileMs = 0;
  readonly #moduleBytes = new WeakMap<Compiled, number>();
  #retraced: string | undefined;
  #disposed = false;
  /** What has to be disposed with it. */
  readonly #boundSteps = new Set<{ dispose(): void }>();

  /** Compiles nothing yet. */
  constructor(fn: (...args: never[]) => R, options: JitOptions) {
    const { cacheSize = 16, rehearse = false } = options;
    if (!Number.isInteger(cacheSize) || cacheSize < 1) {
      throw new RangeError(`Cannot compile: expected cacheSize of at least 1, got ${cacheSize}`);
    }
    this.#fn = fn;
    this.#cacheSize = cacheSize;
    this.#rehearses = rehearse;
  }

  /** One call with tensors. */
  call(args: readonly unknown[]): R {
    this.assertUsable();
    const flat = flatten(args, "argument");
    const entry = this.compiledEntry(flat.spec) ?? this.rehearsedEntry(flat);
    return entry ? this.#execute(entry, flat) : this.recordCall(flat).result;
  }

  /** The program that fits a call now, if there is one. */
  compiledEntry(spec: Spec): Entry | undefined {
    const index = this.#entries.findIndex((entry) =>
      entry.compiled && !specDifference(entry.spec, spec, "") && entry.holds
    );
    if (index < 0) return undefined;
    const entry = this.#entries[index]!;
    if (index > 0) this.#entries.unshift(...this.#entries.splice(index, 1));
    return this.#last = entry;
  }

  /** The program of a signature, recorded in calls that do not count; undefined if they are to count. */
  rehearsedEntry(flat: Flat): Entry | undefined {
    if (!this.#rehearses || this.#isPlain(flat.spec)) return undefined;
    return rehearse(() => {
      for (let recordings = 0; !this.compiledEntry(flat.spec); recordings++) {
        if (this.#isPlain(flat.spec)) return undefined;
        if (recordings > 2 * MOST_RECORDINGS) {
          throw new Error(
            "Cannot compile this function: expected it to leave its optimizers as they are but for " +
              `their steps, got others after each call (${this.#reason(flat.spec) ?? "unknown"})`,
          );
        }
        const leaves = flat.leaves.map(copyOf);
        const { result } = this.recordCall({ spec: flat.spec, leaves });
        for (const tensor of [...leaves, ...flatten(result, "result").leaves]) tensor.dispose();
      }
      return this.compiledEntry(flat.spec);
    });
  }

  /** Whether the function itself runs at every call of that signature. */
  #isPlain(spec: Spec): boolean {
    const entry = this.#entries.find((known) => !specDifference(known.spec, spec, ""));
    return entry?.recording.plain !== undefined;
  }

  /** Runs the function really, records it, and compiles it when it repeats the recording before. */
  recordCall(flat: Flat): Recorded<R> {
    const pending = this.#entries.find((entry) =>
      !entry.compiled && !specDifference(entry.spec, flat.spec, "")
    );
    if (!pending) this.#retraced = this.#reason(flat.spec) ?? this.#retraced;
    const like = this.#entries.find((entry) => !specDifference(entry.spec, flat.spec, ""));
    const recorded = record(this.#fn, flat, {
      known: like?.traced.guards.optimizers,
      standIn: runFast,
    });
    this.#traces++;
    if (pending) this.#update(pending, recorded.recording);
    else this.#begin(flat.spec, recorded.recording);
    return recorded;
  }

  /** The text of the program of the last call. */
  get program(): string {
    const last = this.#lastEntry();
    return printProgram(last.compiled?.program ?? simplify(lower(last.recording).program));
  }

  /** The facts of the last call. */
  explain(): Explanation {
    this.assertUsable();
    const last = this.#last;
    const compiled = last?.compiled;
    if (compiled && !this.#moduleBytes.has(compiled)) last.executable = this.instantiate(compiled);
    return new Explanation({
      traces: this.#traces,
      programs: this.#entries.filter((entry) => entry.compiled).length,
      kernels: last?.recording.kernels.length ?? 0,
      loops: compiled?.tiny ? 1 : compiled?.program.equations.length ?? 0,
      bytes: compiled?.plan.bytes ?? 0,
      moduleBytes: compiled ? this.#moduleBytes.get(compiled) ?? 0 : 0,
      compileMs: this.#compileMs,
      fallbacks: compiled?.fallbacks ?? (last ? fallbacksOf(last.recording) : {}),
      retraced: this.#retraced,
      blas: compiled?.blas,
    });
  }

  /** A new instance of a compiled program. */
  instantiate(compiled: Compiled): Executable {
    const executable = this.#timed(() => new Executable(compiled));
    this.#moduleBytes.set(compiled, executable.moduleBytes);
    return executable;
  }

  /** Has `boundStep` disposed together with this. */
  own(boundStep: { dispose(): void }): void {
    this.#boundSteps.add(boundStep);
  }

  /** The opposite of `own`. */
  disown(boundStep: { dispose(): void }): void {
    this.#boundSteps.delete(boundStep);
  }

  /** Frees every program. */
  dispose(): void {
    this.#boundSteps.forEach((boundStep) => boundStep.dispose());
    this.#entries.forEach(({ executable }) => executable?.dispose());
    this.#entries = [];
    this.#disposed = true;
  }

  /** Throws after `dispose`. */
  assertUsable(): void {
    if (this.#disposed) throw new Error("Cannot call a compiled function: it was disposed");
  }

  #execute(entry: Entry, flat: Flat): R {
    const backend = cpuBackend();
    const executable = entry.executable ??= this.instantiate(entry.compiled!);
    const { inputs } = executable;
    flat.leaves.forEach((leaf, i) => inputs[i]!.set(dataOf(backend, leaf.dataId).values));
    entry.recording.guards.writeRates(inputs);
    executable.run();
    entry.recording.guards.countSteps();
    for (const index of entry.recording.disposed) flat.leaves[index]!.dispose();
    return this.#results(entry, executable);
  }

  #results({ recording }: Entry, { outputs }: Executable): R {
    const tensors = outputs.map((values, i) => {
      const { shape, dtype } = recording.results[i]!;
      return tensorOf(values.slice(), shape, dtype as tf.DataType);
    });
    return unflatten(recording.resultSpec, tensors.values()) as R;
  }

  /** Compiles what two recordings agree on; refuses what never will. */
  #update(entry: Entry, recording: Recording): void {
    const before = entry.recording;
    entry.recording = entry.traced = recording;
    this.#last = entry;
    if (recording.plain !== undefined) return;
    const found = difference(before, recording);
    if (!found) this.#compile(entry, recording);
    else if (!before.guards.holds()) {
      // What changed may have its reason there: compare with the next recording.
      const merged = withRateInputs(before, recording);
      if (merged) this.#compile(entry, merged);
    } else if (found.kind !== "structure") {
      this.#remove(entry);
      throw new Error(
        "Cannot compile this function: expected values that depend on its arguments and variables, " +
          `got others in each call from ${found.operation}; pass them as an argument`,
      );
    } else if (++entry.recordings > MOST_RECORDINGS) {
      throw new Error(
        "Cannot compile this function: expected the same operations in each call, got others " +
          `(${found.what})`,
      );
    }
  }

  /** A new entry; complete at once when only a learning rate is not as in a program that is there. */
  #begin(spec: Spec, recording: Recording): void {
    const entry = new Entry(spec, recording);
    const known = this.#entries.find((other) => !specDifference(other.spec, spec, ""));
    const merged = known?.compiled && withRateInputs(known.traced, recording);
    if (merged) {
      this.#remove(known);
      this.#compile(entry, merged);
    }
    this.#add(entry);
  }

  #compile(entry: Entry, recording: Recording): void {
    entry.recording = recording;
    entry.compiled = this.#timed(() => compile(recording));
    freeFastKernels();
  }

  #remove(entry: Entry): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    entry.executable?.dispose();
  }

  #add(entry: Entry): void {
    this.#entries.unshift(entry);
    this.#last = entry;
    for (const old of this.#entries.splice(this.#cacheSize)) old.executable?.dispose();
  }

  /** What is different from the program that was used last. */
  #reason(spec: Spec): string | undefined {
    const last = this.#last;
    if (!last) return undefined;
    return specDifference(last.spec, spec, "args") ?? last.recording.guards.difference() ??
      "its program left the cache";
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

/** A tensor of its own, which the function may dispose. */
function copyOf({ dataId, shape, dtype }: tf.Tensor): tf.Tensor {
  const { values } = dataOf(cpuBackend(), dataId);
  return tensorOf(values.slice(), shape, dtype);
}

/** What runs as an ordinary kernel: all of it, if the function itself runs at every call. */
function fallbacksOf(recording: Recording): Readonly<Record<string, number>> {
  if (recording.plain === undefined) return lower(recording).fallbacks;
  const counts: Record<string, number> = {};
  for (const { name } of recording.kernels) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
