/**
 * Tensors whose values are computed only if something reads them, which is rare while recording.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Values } from "../program/dtype.ts";
import {
  type CpuBackend,
  type DataId,
  dataOf,
  type KernelFunc,
  type TensorData,
} from "./backend.ts";
import { namedInputs, type NamedTensors } from "./kernel_inputs.ts";
import type { TensorType } from "./shapes.ts";

/** A kernel that has not run yet. */
export interface DeferredCall {
  /** Runs it when its values are needed. */
  readonly kernel: KernelFunc;
  readonly inputs: NamedTensors;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** The data of a tensor whose values are computed when something reads them. */
class DeferredData implements TensorData {
  refCount = 1;
  #values: Values | undefined;
  #settle: (() => void) | undefined;

  /** Takes a function that sets the values. */
  constructor(readonly dtype: string, settle: () => void) {
    this.#settle = settle;
  }

  get isPending(): boolean {
    return this.#settle !== undefined;
  }

  get values(): Values {
    this.#settle?.();
    return this.#values!;
  }

  set values(values: Values) {
    this.#values = values;
    this.#settle = undefined;
  }
}

/** Makes the result of a kernel, or its list of results, without running it. */
export function defer(
  backend: CpuBackend,
  call: DeferredCall,
  types: TensorType | readonly TensorType[],
): tf.TensorInfo | tf.TensorInfo[] {
  // The inputs themselves may be disposed by the time their values are read.
  const sources = call.inputs.map(([, { dataId }]) => dataOf(backend, dataId));
  const list = [types].flat() as TensorType[];
  const ids = deferData(backend, list, () => run(backend, call, sources));
  const infos = list.map(({ shape, dtype }, i) => ({ dataId: ids[i]!, shape, dtype }));
  return Array.isArray(types) ? infos : infos[0]!;
}

/** Makes data whose values are computed together when one of them is read. */
export function deferData(
  backend: CpuBackend,
  types: readonly Pick<TensorType, "dtype">[],
  compute: () => readonly Values[],
): DataId[] {
  const settle = () => compute().forEach((values, i) => datas[i]!.values = values);
  const datas = types.map(({ dtype }) => new DeferredData(dtype, settle));
  return datas.map((data) => {
    const id = {};
    backend.data.set(id, data);
    return id;
  });
}

function run(
  backend: CpuBackend,
  { kernel, inputs, attrs }: DeferredCall,
  sources: readonly TensorData[],
): Values[] {
  const tensors = inputs.map(([, { shape, dtype }], i) => ({
    dataId: backend.write(sources[i]!.values, shape, dtype),
    shape,
    dtype,
  }));
  const named = namedInputs(inputs.map(([name]) => name), tensors);
  const results = [kernel({ inputs: named, attrs, backend })].flat();
  const values = results.map(({ dataId }) => dataOf(backend, dataId).values);
  for (const { dataId } of [...tensors, ...results]) backend.disposeData(dataId);
  return values;
}

/** Tells whether the values of a tensor have not been computed. */
export function isDeferred(data: TensorData): boolean {
  return data instanceof DeferredData && data.isPending;
}
