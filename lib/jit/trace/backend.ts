/**
 * The parts of TensorFlow.js's cpu backend and engine that tracing and running need, typed.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { asType, type Values } from "../program/dtype.ts";

/** The identity of a tensor's data; several tensors may share it. */
export type DataId = object;

/** The data behind one `DataId`. */
export interface TensorData {
  /** The elements; a float32 tensor that was cast from bool may have bytes here. */
  values: Values;
  /** The number of tensors that share the data. */
  readonly refCount: number;
}

/** The cpu backend: data by id, and the functions through which it is made and read. */
export interface CpuBackend {
  readonly data: {
    get(id: DataId): TensorData | undefined;
    has(id: DataId): boolean;
    set(id: DataId, data: TensorData): void;
  };
  write(values: unknown, shape: number[], dtype: string): DataId;
  readSync(id: DataId): unknown;
  read(id: DataId): Promise<unknown>;
  incRef(id: DataId): void;
  decRef(id: DataId): void;
  disposeData(id: DataId, force?: boolean): boolean;
}

/** A kernel of the backend; its function is replaced while a call is recorded. */
export interface Kernel {
  readonly kernelName: string;
  kernelFunc: KernelFunc;
}

/** The arguments of a kernel. */
export interface KernelCallArguments {
  /** Tensors by name. Some kernels take a list under one name, others only a list. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: CpuBackend;
}

/** The function of a kernel. */
export type KernelFunc = (call: KernelCallArguments) => tf.TensorInfo | tf.TensorInfo[];

interface Engine {
  readonly registeredVariables: Readonly<Record<string, tf.Variable>>;
  readonly state: { readonly gradientDepth: number };
  makeTensorFromTensorInfo(
    info: { dataId: DataId; shape: number[]; dtype: tf.DataType },
  ): tf.Tensor;
}

const engine = (): Engine => tf.engine() as unknown as Engine;

/** Returns the cpu backend; throws if another backend is set. */
export function cpuBackend(): CpuBackend {
  const name = tf.getBackend();
  if (name !== "cpu") {
    throw new Error(
      `Cannot run a compiled function: expected the backend "cpu" (await tf.setBackend("cpu")), ` +
        `got "${name}"`,
    );
  }
  return tf.backend() as unknown as CpuBackend;
}

/** Returns one kernel of the cpu backend. */
export function cpuKernel(name: string): Kernel {
  const kernel = tf.getKernel(name, "cpu") as unknown as Kernel | undefined;
  if (!kernel) {
    throw new Error(`Cannot run ${name}: expected a kernel of the cpu backend, got none`);
  }
  return kernel;
}

/** Tells whether eager code is computing a gradient, so that TensorFlow.js must see every operation. */
export function isTapeOn(): boolean {
  return engine().state.gradientDepth > 0;
}

/** Lists all variables that were made and not disposed. */
export function allVariables(): tf.Variable[] {
  const variables = engine().registeredVariables;
  // If `lib/nn` has replaced the list by a proxy, this is several times faster than Object.values.
  return Reflect.ownKeys(variables).flatMap((name) => variables[name as string] ?? []);
}

/** Makes a tensor from these elements, which are not copied. */
export function tensorOf(values: Values, shape: readonly number[], dtype: tf.DataType): tf.Tensor {
  const dataId = cpuBackend().write(values, [...shape], dtype);
  return engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype });
}

/** Makes a tensor for data that was held in the backend without a tensor. `tf.tidy` does not dispose the tensor. */
export function tensorOfHeldData(
  backend: CpuBackend,
  dataId: DataId,
  { shape, dtype }: tf.Tensor,
): tf.Tensor {
  if (!backend.data.has(dataId)) throw new Error("internal: the data that was held is gone");
  return tf.keep(engine().makeTensorFromTensorInfo({ dataId, shape, dtype }));
}

/** Returns the data of a tensor, moved to the cpu backend if it is on another. */
export function dataOf(backend: CpuBackend, id: DataId): TensorData {
  const data = backend.data.get(id);
  if (!data) throw new Error("internal: a tensor has no data");
  return data;
}

/** Copies a variable's data if another tensor shares it. */
export function unshare(backend: CpuBackend, variable: tf.Variable): void {
  const data = dataOf(backend, variable.dataId);
  if (data.refCount === 1) return;
  const own = tensorOf(asType(data.values, variable.dtype).slice(), variable.shape, variable.dtype);
  variable.assign(own);
  own.dispose();
}

/** Replaces a method until the returned function is called. */
export function replace<K extends string, F, O extends { [P in K]: F }>(
  object: O,
  key: K,
  wrap: (original: O[K]) => O[K],
): () => void {
  const own = Object.hasOwn(object, key);
  const original = object[key];
  object[key] = wrap(original);
  return () => {
    if (own) object[key] = original;
    else delete (object as Partial<O>)[key];
  };
}
