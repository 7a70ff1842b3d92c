/**
 * Runs a function eagerly while recording every kernel of the cpu backend that it executes.
 *
 * Data ids are the recording's names: an alias (a clone, a reshape, an assignment) has the name of
 * what it aliases, so reads before and after `Variable.assign` are told apart without more work.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { asType, isNumeric, type Values } from "../program/dtype.ts";
import {
  allVariables,
  type CpuBackend,
  cpuBackend,
  cpuKernels,
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
import { type Captured, Guards } from "./guards.ts";
import { sizeOf } from "../program/access.ts";
import { type Flat, flatten, type Spec, unflatten } from "./tree.ts";

/** Data as one tensor sees it. */
export interface TensorRef {
  /** Which data, numbered in order of appearance. */
  readonly data: number;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** One kernel that ran. */
export interface KernelRecord {
  readonly name: string;
  readonly inputs: readonly (readonly [name: string, value: TensorRef])[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly TensorRef[];
}

/** Says which operation made a tensor. */
export interface Origin {
  /** Whether an optimizer made it while it updated variables. */
  readonly isOptimizers: boolean;
  /** Its name, such as `randomNormal`. */
  operation(): string;
}

/** Data that no recorded kernel made. */
export type Leaf =
  | { readonly kind: "input"; readonly data: number; readonly index: number }
  | { readonly kind: "variable"; readonly data: number; readonly variable: tf.Variable }
  | {
    readonly kind: "constant";
    readonly data: number;
    readonly values: Values;
    /** Where it was made inside the function; undefined if it was there before. */
    readonly origin: Origin | undefined;
  };

/** A variable that the function gave a new value. */
export interface AssignRecord {
  readonly variable: tf.Variable;
  readonly value: TensorRef;
}

/** What one call of a function did. */
export interface Recording {
  readonly kernels: readonly KernelRecord[];
  readonly leaves: readonly Leaf[];
  readonly args: Spec;
  readonly inputs: readonly TensorRef[];
  /** The arguments that the function disposed. */
  readonly disposed: readonly number[];
  readonly results: readonly TensorRef[];
  readonly resultSpec: Spec;
  readonly assigns: readonly AssignRecord[];
  /** Whether the call made variables, as an optimizer's first step does. */
  readonly madeVariables: boolean;
  /** A type that no program has room for: then the function itself runs at every call. */
  readonly plain: string | undefined;
  /** What the call depended on outside its tensors. */
  readonly guards: Guards;
}

/** A recording and the tensors that the call returned. */
export interface Recorded<R> {
  readonly recording: Recording;
  readonly result: R;
}

/** A kernel that is about to run. */
export interface RunningKernel {
  readonly name: string;
  readonly inputs: NamedTensors;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Runs a kernel in place of the backend, or returns undefined to leave it to the backend. */
export type StandIn = (backend: CpuBackend, kernel: RunningKernel) => tf.TensorInfo | undefined;

/** Options of `record`. */
export interface RecordOptions {
  /** Optimizers that the function used before; none by default. */
  readonly known?: readonly object[] | undefined;
  /** Runs the kernels that it can; by default the backend runs them all. */
  readonly standIn?: StandIn;
}

let active: Recorder | undefined;

/** Whether a function is being recorded now, so that a compiled function inside it runs plainly. */
export function isRecording(): boolean {
  return active !== undefined;
}

/** Calls `fn` once, really, and records what it did. */
export function record<R>(
  fn: (...args: never[]) => R,
  args: Flat,
  options: RecordOptions = {},
): Recorded<R> {
  const backend = cpuBackend();
  const variables = allVariables();
  for (const variable of variables) unshare(backend, variable);
  const recorder = new Recorder(backend, variables, options);
  active = recorder;
  try {
    return recorder.run(fn, args);
  } finally {
    active = undefined;
  }
}

class Recorder {
  readonly #kernels: KernelRecord[] = [];
  readonly #leaves: Leaf[] = [];
  readonly #captured: Captured[] = [];
  readonly #data = new Map<DataId, number>();
  readonly #origins = new Map<DataId, Origin>();
  readonly #before: Map<DataId, tf.Variable>;
  #depth = 0;
  #plain: string | undefined;

  constructor(
    readonly backend: CpuBackend,
    variables: readonly tf.Variable[],
    readonly options: RecordOptions,
  ) {
    this.#before = new Map(variables.map((variable) => [variable.dataId, variable]));
  }

  run<R>(fn: (...args: never[]) => R, args: Flat): Recorded<R> {
    let recording: Recording | undefined;
    // What a tidy returns it keeps: the results, as tensors of their own.
    const fresh = tf.tidy(() => {
      const [made, tree] = this.#recordCall(fn, args);
      recording = made;
      return allTensors(tree).map((leaf) => leaf.clone());
    });
    if (!recording) throw new Error("internal: nothing was recorded");
    for (const index of recording.disposed) args.leaves[index]!.dispose();
    return { recording, result: unflatten(recording.resultSpec, fresh.values()) as R };
  }

  #recordCall(fn: (...args: never[]) => unknown, args: Flat): [Recording, tree: unknown] {
    const guards = new Guards();
    const copies = args.leaves.map((leaf) => copyOf(this.backend, leaf));
    const inputs = copies.map((copy, index) => this.#input(copy, index));
    const list = unflatten(args.spec, copies.values()) as never[];
    const tree = this.#hooked(guards, () => fn(...list));
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
      guards: guards.snapshot(this.#readVariables(), this.#captured),
    };
    return [recording, tree];
  }

  #hooked<T>(guards: Guards, body: () => T): T {
    const undo = [
      ...cpuKernels().map((kernel) =>
        replace(kernel, "kernelFunc", (f) => this.#wrap(kernel.kernelName, f))
      ),
      replace(this.backend, "write", (write) => this.#noteOrigin(write, guards)),
      replace(this.backend, "readSync", (read) => this.#forbidRead(read)),
      replace(this.backend, "read", (read) => this.#forbidRead(read)),
      guards.watch(this.options.known ?? []),
    ];
    try {
      return body();
    } finally {
      undo.reverse().forEach((restore) => restore());
    }
  }

  #wrap(name: string, kernel: KernelFunc): KernelFunc {
    return (call) => {
      if (this.#depth > 0) return kernel(call);
      const tensors = listInputs(call.inputs);
      const inputs = tensors.map(([key, tensor]) =>
        [key, this.#refOf(this.#alive(tensor, name))] as const
      );
      const out = this.#inside(() => this.#run(name, kernel, { ...call, tensors }));
      const infos = [out].flat();
      const outputs = infos.map((info) => this.#refOf(info, true));
      infos.forEach((info) => assertComplete(this.backend, info, name));
      this.#kernels.push({ name, inputs, attrs: { ...call.attrs }, outputs });
      return out;
    };
  }

  #run(
    name: string,
    kernel: KernelFunc,
    { tensors, ...call }: KernelCallArguments & { readonly tensors: NamedTensors },
  ): ReturnType<KernelFunc> {
    const { standIn } = this.options;
    return standIn?.(this.backend, { name, inputs: tensors, attrs: call.attrs ?? {} }) ??
      corrected(name, kernel)(call);
  }

  /** Eager code fails without data too, but does not say why. */
  #alive(tensor: tf.TensorInfo, kernel: string): tf.TensorInfo {
    // A disposed tensor whose data another one has still works, as a gradient of a clone does.
    if (this.backend.data.has(tensor.dataId)) return tensor;
    throw new Error(`Cannot run ${kernel}: expected a tensor, got one that is disposed`);
  }

  #inside<T>(body: () => T): T {
    this.#depth++;
    try {
      return body();
    } finally {
      this.#depth--;
    }
  }

  #noteOrigin(write: CpuBackend["write"], guards: Guards): CpuBackend["write"] {
    return (values, shape, dtype) => {
      const id = write.call(this.backend, values, shape, dtype);
      if (this.#depth === 0) this.#origins.set(id, new StackOrigin(guards.rates.isUpdating));
      return id;
    };
  }

  #forbidRead<A extends unknown[], R>(read: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      if (this.#depth > 0) return read.apply(this.backend, args);
      throw new Error(
        "Cannot read a tensor inside a compiled function: its values exist only when the program " +
          "runs; expected tensor operations such as tf.where, got dataSync, data, arraySync or print",
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
    const known = new Map([...this.#before].map(([dataId, variable]) => [variable, dataId]));
    const now = allVariables();
    const changed = now.filter((v) => known.has(v) && known.get(v) !== v.dataId);
    return {
      assigns: changed.map((variable) => ({ variable, value: this.#refOf(variable) })),
      madeVariables: now.some((variable) => !known.has(variable)),
    };
  }
}

/** The backend's own mistakes, such as products of batches `[2, 1]` and `[1, 3]`, are not repeated. */
function assertComplete(backend: CpuBackend, info: tf.TensorInfo, kernel: string): void {
  const { values } = dataOf(backend, info.dataId);
  if (!values || values.length === sizeOf(info.shape)) return;
  throw new Error(
    `Cannot run ${kernel}: expected ${sizeOf(info.shape)} values for the shape [${info.shape}], ` +
      `got ${values.length} from the cpu backend, which does not do this case`,
  );
}

/** Every tensor of a result, variables included: all of them become fresh tensors. */
function allTensors(tree: unknown): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  if (typeof tree !== "object" || tree === null) return [];
  return Object.values(tree).flatMap(allTensors);
}

function freshSpec(
  spec: Spec,
  results: TensorRef[],
  refOf: (variable: tf.Variable) => TensorRef,
): Spec {
  let next = 0;
  const visit = (at: Spec): Spec => {
    switch (at.kind) {
      case "variable":
        results.splice(next++, 0, refOf(at.variable));
        return { kind: "tensor", shape: at.variable.shape, dtype: at.variable.dtype };
      case "tensor":
        next++;
        return at;
      case "list":
      case "record":
        return { ...at, items: at.items.map(visit) };
      case "static":
        return at;
      default:
        return at satisfies never;
    }
  };
  return visit(spec);
}

/** An argument under a data id of its own: passed twice, it is still two arguments. */
function copyOf(backend: CpuBackend, tensor: tf.Tensor): tf.Tensor {
  if (!isNumeric(tensor.dtype)) return tensor.clone();
  const { values } = dataOf(backend, tensor.dataId);
  return tensorOf(asType(values, tensor.dtype).slice(), tensor.shape, tensor.dtype);
}

/** The outermost TensorFlow.js operation on the call stack when it was made. */
class StackOrigin implements Origin {
  /** Its text is written only when it is asked for, which is slow: the stack itself is not. */
  readonly #error: Error;

  constructor(readonly isOptimizers: boolean) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 40;
    this.#error = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  }

  operation(): string {
    const lines = (this.#error.stack ?? "").split("\n");
    const names = lines.flatMap((line) =>
      /at (?:\w+\.)*([a-zA-Z]\w*?)_(?:_op)? /.exec(line)?.[1] ?? []
    );
    return names.at(-1) ?? "tensor";
  }
}
