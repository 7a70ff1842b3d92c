/**
 * Records a function: runs it and notes every kernel of the cpu backend that it calls.
 *
 * Data ids are the recording's names: an alias (a clone, a reshape, an assignment) has the name of
 * what it aliases, so reads before and after `Variable.assign` have different names without more
 * work.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { asType, isNumeric, type Values } from "../program/dtype.ts";
import {
  allVariables,
  type CpuBackend,
  cpuBackend,
  type DataId,
  dataOf,
  type KernelCallArguments,
  type KernelFunc,
  replace,
  tensorOf,
  unshare,
} from "./backend.ts";
import { corrected } from "./corrections.ts";
import { listInputs, type NamedTensors } from "./kernel_inputs.ts";
import { watchKernels } from "./kernel_watch.ts";
import { defer, deferData, isDeferred } from "./deferred.ts";
import { DRAW, type DrawNumbers, RandomDraws } from "./random_draws.ts";
import { type Origin, runningOperation } from "./origin.ts";
import { resultTypes, type TensorType } from "./shapes.ts";
import { sortSlotsOfSteps } from "./slots.ts";
import { Undo } from "./undo.ts";
import type { KernelRecord, Leaf, Recording, TensorRef } from "./recording.ts";
import { type Captured, guardsOf } from "./guards.ts";
import { OptimizerSteps } from "./optimizer_steps.ts";
import { allTensors, freshSpec } from "./results.ts";
import { sizeOf } from "../program/access.ts";
import { type Flat, flatten, unflatten } from "./tree.ts";

/** A recording, the tensors that the call returned, and what it changed. */
export interface Recorded<R> {
  readonly recording: Recording;
  readonly result: R;
  /** The undo of the call; the caller calls its `restore` or `forget`. */
  readonly undo: Undo;
}

/** A kernel that is about to run. */
export interface RunningKernel {
  readonly name: string;
  readonly inputs: NamedTensors;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A function that runs a kernel in place of the backend, or returns undefined to leave it to the backend. */
export type StandIn = (backend: CpuBackend, kernel: RunningKernel) => tf.TensorInfo | undefined;

/** A function that draws random numbers for a tensor. */
export type Draw = (
  numbers: DrawNumbers,
  type: TensorType,
) => Values;

/** Options of `record` and `rehearse`. */
export interface RecordOptions {
  /** Optimizers that the function used before; none by default. */
  readonly known?: readonly object[] | undefined;
  /** Runs the kernels that it can; by default the backend runs them all. */
  readonly standIn?: StandIn;
  /** Draws the random numbers of the call; by default TensorFlow.js does, and they are constants. */
  readonly draw?: Draw;
  /** False to leave out which operation makes each constant; true by default. */
  readonly origins?: boolean;
}

let active: Recorder | undefined;

/** Tells whether a function is being recorded now, so that a compiled function inside it runs plainly. */
export function isRecording(): boolean {
  return active !== undefined;
}

/**
 * Calls a function once, eagerly, and records it.
 *
 * If the function throws, its changes stay, as in eager code. If it is refused, they are put back.
 */
export function record<R>(fn: Recordable<R>, args: Flat, options: RecordOptions = {}): Recorded<R> {
  const recorder = new Recorder(options, { defers: false });
  try {
    return { ...recorder.run(fn, args), undo: recorder.undo };
  } catch (error) {
    if (recorder.isFunctionsError(error)) recorder.undo.forget();
    else recorder.undo.restore();
    throw error;
  }
}

/**
 * Records a function almost without computing, and puts back what was changed.
 *
 * Variables that the function makes stay, with their first values.
 */
export function rehearse(
  fn: Recordable<unknown>,
  args: Flat,
  options: RecordOptions = {},
): Recording {
  const recorder = new Recorder(options, { defers: true });
  try {
    const { recording, result } = recorder.run(fn, args);
    tf.dispose(flatten(result, "result").leaves as tf.Tensor[]);
    return recording;
  } finally {
    recorder.undo.restore();
    recorder.settleVariables();
  }
}

/** A function that can be recorded. */
export type Recordable<R> = (...args: never[]) => R;

/** Kernels that can leave 2 or 255 in truth values, which programs store as 0 or 1. */
const COUNTING: ReadonlySet<string> = new Set(["Add", "AddN", "Sub", "ScatterNd"]);

class Recorder {
  readonly #kernels: KernelRecord[] = [];
  readonly #leaves: Leaf[] = [];
  readonly #captured: Captured[] = [];
  readonly #data = new Map<DataId, number>();
  readonly #origins = new Map<DataId, Origin>();
  readonly #draws = new RandomDraws();
  readonly #steps = new OptimizerSteps();
  readonly #before: Map<DataId, tf.Variable>;
  readonly #defers: boolean;
  #depth = 0;
  #plain: string | undefined;
  #refusal: Error | undefined;
  #failure: unknown;
  readonly backend = cpuBackend();
  readonly undo: Undo;

  constructor(readonly options: RecordOptions, { defers }: { readonly defers: boolean }) {
    const variables = allVariables();
    for (const variable of variables) unshare(this.backend, variable);
    this.#before = new Map(variables.map((variable) => [variable.dataId, variable]));
    this.undo = new Undo(this.backend, variables);
    this.#defers = defers;
  }

  /** Tells whether the function itself threw this error, and not the recorder. */
  isFunctionsError(error: unknown): boolean {
    return error === this.#failure && error !== this.#refusal;
  }

  /** Computes the values of variables that the function made. */
  settleVariables(): void {
    for (const { dataId } of this.undo.made) void dataOf(this.backend, dataId).values;
  }

  run<R>(fn: Recordable<R>, args: Flat): Omit<Recorded<R>, "undo"> {
    active = this;
    try {
      return this.#run(fn, args);
    } finally {
      active = undefined;
    }
  }

  #run<R>(fn: Recordable<R>, args: Flat): Omit<Recorded<R>, "undo"> {
    let recording: Recording | undefined;
    // A tidy keeps the tensors that it returns: the results, as new tensors.
    const fresh = tf.tidy(() => {
      const [made, tree] = this.#recordCall(fn, args);
      recording = made;
      return allTensors(tree).map((leaf) => leaf.clone());
    });
    if (!recording) throw new Error("internal: nothing was recorded");
    if (!this.#defers) { for (const index of recording.disposed) args.leaves[index]!.dispose(); }
    return { recording, result: unflatten(recording.resultSpec, fresh.values()) as R };
  }

  #recordCall(fn: Recordable<unknown>, args: Flat): [Recording, tree: unknown] {
    const copies = args.leaves.map((leaf) => copyOf(this.backend, leaf));
    const inputs = copies.map((copy, index) => this.#input(copy, index));
    const list = unflatten(args.spec, copies.values()) as never[];
    const tree = this.#hooked(() => this.#call(() => fn.apply(args.self as never, list)));
    if (this.#refusal) throw this.#refusal; // the function caught it, or a promise did
    const { spec, leaves } = flatten(tree, "result");
    const results = leaves.map((leaf) => this.#refOf(leaf));
    const recording = {
      kernels: this.#kernels,
      leaves: this.#leaves,
      args: args.spec,
      inputs,
      disposed: copies.flatMap((copy, index) => copy.isDisposed ? [index] : []),
      results,
      resultSpec: freshSpec(spec, results, (v) => this.#refOf(v)),
      ...this.#changes(),
      plain: this.#plain,
      guards: guardsOf({
        optimizers: this.#steps.optimizers,
        variables: this.#readVariables(),
        captured: this.#captured,
      }),
      steps: this.#steps,
    };
    return [recording, tree];
  }

  #call<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #hooked<T>(body: () => T): T {
    const undo = [
      this.undo.watch(),
      sortSlotsOfSteps(),
      ...(this.options.draw ? [this.#draws.watch()] : []),
      watchKernels(({ name, run }, call) => this.#kernel(name, run, call)),
      replace(this.backend, "write", (write) => this.#noteOrigin(write)),
      replace(this.backend, "readSync", (read) => this.#forbidRead(read)),
      replace(this.backend, "read", (read) => this.#forbidRead(read)),
      this.#steps.watch(this.options.known ?? [], (optimizer) => this.undo.noteStep(optimizer)),
    ];
    try {
      return body();
    } finally {
      undo.reverse().forEach((restore) => restore());
    }
  }

  /** Runs a kernel and notes it; a kernel that another one runs is a part of that one. */
  #kernel(name: string, kernel: KernelFunc, call: KernelCallArguments): ReturnType<KernelFunc> {
    if (this.#depth > 0) return kernel(call);
    const tensors = listInputs(call.inputs);
    const inputs = tensors.map(([key, tensor]) =>
      [key, this.#refOf(this.#alive(tensor, name))] as const
    );
    const out = this.#inside(() => this.#result(name, kernel, { ...call, tensors }));
    const outputs = (Array.isArray(out) ? out : [out]).map((info) => this.#refOf(info, true));
    const counts = COUNTING.has(name) && outputs.some(({ dtype }) => dtype === "bool");
    if (counts) this.#plain = "bool with numbers above 1";
    this.#kernels.push({ name, inputs, attrs: { ...call.attrs }, outputs });
    return out;
  }

  #result(
    name: string,
    kernel: KernelFunc,
    { tensors, ...call }: KernelCallArguments & { readonly tensors: NamedTensors },
  ): ReturnType<KernelFunc> {
    const attrs = call.attrs ?? {};
    const { standIn } = this.options;
    const compute: KernelFunc = (given) => {
      const inputs = listInputs(given.inputs);
      const out = standIn?.(this.backend, { name, inputs, attrs }) ??
        corrected(name, kernel)(given);
      for (const info of [out].flat()) this.#assertComplete(info, name);
      return out;
    };
    const types = this.#defers && resultTypes(name, Object.fromEntries(tensors), attrs);
    if (!types) return compute(call);
    return defer(this.backend, { kernel: compute, inputs: tensors, attrs }, types);
  }

  /** Throws if a tensor has no data. Eager code fails too, but does not say why. */
  #alive(tensor: tf.TensorInfo, kernel: string): tf.TensorInfo {
    // A disposed tensor still works if another one has its data, as in the gradient of a clone.
    if (this.backend.data.has(tensor.dataId)) return tensor;
    this.#refuse(`Cannot run ${kernel}: expected a tensor, got one that is disposed`);
  }

  /** Throws if the backend's result has too few values, as for products of batches `[2, 1]` and `[1, 3]`. */
  #assertComplete({ dataId, shape }: tf.TensorInfo, kernel: string): void {
    const data = dataOf(this.backend, dataId);
    if (this.#defers && isDeferred(data)) return;
    const { values } = data;
    if (!values || values.length === sizeOf(shape)) return;
    this.#refuse(
      `Cannot run ${kernel}: expected ${sizeOf(shape)} values for the shape [${shape}], ` +
        `got ${values.length} from the cpu backend, which does not compute this case`,
    );
  }

  #refuse(message: string): never {
    this.#refusal = new Error(message);
    throw this.#refusal;
  }

  #inside<T>(body: () => T): T {
    this.#depth++;
    try {
      return body();
    } finally {
      this.#depth--;
    }
  }

  #noteOrigin(write: CpuBackend["write"]): CpuBackend["write"] {
    return (values, shape, dtype) => {
      const numbers = this.#draws.take(values, dtype);
      if (numbers) return this.#recordDraw(numbers, { shape, dtype: dtype as tf.DataType });
      const id = write.call(this.backend, values, shape, dtype);
      if (this.#depth === 0) {
        const operation = this.options.origins === false ? "" : runningOperation();
        this.#origins.set(id, { isOptimizers: this.#steps.rates.isUpdating, operation });
      }
      return id;
    };
  }

  /** Records random numbers as the result of a kernel without inputs. */
  #recordDraw(numbers: DrawNumbers, type: TensorType): DataId {
    const draw = () => [this.options.draw!(numbers, type)];
    const dataId = deferData(this.backend, [type], draw)[0]!;
    const output = this.#refOf({ dataId, ...type }, true);
    this.#kernels.push({ name: DRAW, inputs: [], attrs: { ...numbers }, outputs: [output] });
    if (!this.#defers) void dataOf(this.backend, dataId).values;
    return dataId;
  }

  #forbidRead<A extends unknown[], R>(read: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      if (this.#depth > 0) return read.apply(this.backend, args);
      this.#refuse(
        "Cannot read a tensor inside a compiled function, whose values exist only when the program " +
          "runs: expected tensor operations such as tf.where, got dataSync, data, arraySync or print",
      );
    };
  }

  #input(copy: tf.Tensor, index: number): TensorRef {
    const data = this.#data.size;
    this.#data.set(copy.dataId, data);
    this.#leaves.push({ kind: "input", data, index });
    return { data, shape: copy.shape, dtype: copy.dtype };
  }

  #refOf(tensor: tf.TensorInfo, made = false): TensorRef {
    const { dataId, shape, dtype } = tensor;
    if (!isNumeric(dtype)) this.#plain = dtype;
    let data = this.#data.get(dataId);
    if (data === undefined) {
      data = this.#data.size;
      this.#data.set(dataId, data);
      if (!made) this.#leaf(dataId, data);
    }
    return { data, shape, dtype };
  }

  #leaf(dataId: DataId, data: number): void {
    const variable = this.#before.get(dataId);
    if (variable) this.#leaves.push({ kind: "variable", data, variable });
    else {
      const found = dataOf(this.backend, dataId);
      const origin = this.#origins.get(dataId);
      const values = found.values?.slice() ?? new Float32Array();
      if (origin === undefined) this.#captured.push({ data: found, values });
      this.#leaves.push({ kind: "constant", data, values, origin });
    }
  }

  #readVariables(): tf.Variable[] {
    return this.#leaves.flatMap((leaf) => leaf.kind === "variable" ? [leaf.variable] : []);
  }

  #changes(): Pick<Recording, "assigns" | "madeVariables"> {
    const changed = [...this.#before].filter(([dataId, variable]) =>
      variable.dataId !== dataId && !variable.isDisposed
    );
    return {
      assigns: changed.map(([, variable]) => ({ variable, value: this.#refOf(variable) })),
      madeVariables: this.undo.made.length > 0,
    };
  }
}

/** Copies an argument, so that one tensor that is passed twice is still two arguments. */
function copyOf(backend: CpuBackend, tensor: tf.Tensor): tf.Tensor {
  if (!isNumeric(tensor.dtype)) return tensor.clone();
  const { values } = dataOf(backend, tensor.dataId);
  return tensorOf(asType(values, tensor.dtype).slice(), tensor.shape, tensor.dtype);
}
