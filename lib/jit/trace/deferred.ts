/**
 * Tensors whose values are computed when something reads them, which while recording is seldom.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Values } from "../program/dtype.ts";
import { type CpuBackend, dataOf, type KernelFunc, type TensorData } from "./backend.ts";
import { namedInputs, type NamedTensors } from "./kernel_inputs.ts";
import type { TensorType } from "./shapes.ts";

/** A kernel that has not run yet. */
export interface DeferredCall {
  /** Runs it when its values are needed. */
  readonly kernel: KernelFunc;
  readonly inputs: NamedTensors;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Makes the result of a kernel, or its list of results, without running it. */
export function defer(
  backend: CpuBackend,
  call: DeferredCall,
  types: TensorType | readonly TensorType[],
): tf.TensorInfo | tf.TensorInfo[] {
  const infos = ([types].flat() as TensorType[]).map(({ shape, dtype }) => ({
    dataId: backend.write(undefined, shape, dtype),
    shape,
    dtype,
  }));
  const datas = infos.map(({ dataId }) => dataOf(backend, dataId));
  // The inputs themselves may be disposed by the time their values are read.
  const sources = call.inputs.map(([, { dataId }]) => dataOf(backend, dataId));
  deferValues(datas, () => run(backend, call, sources));
  return Array.isArray(types) ? infos : infos[0]!;
}

/** Has the values of some data computed when one of them is read. */
export function deferValues(datas: readonly TensorData[], compute: () => readonly Values[]): void {
  for (const data of datas) {
    Object.defineProperty(data, "values", {
      get: () => {
        compute().forEach((values, i) => settleAs(datas[i]!, values));
        return data.values;
      },
      set: (values: Values) => settleAs(data, values),
      configurable: true,
      enumerable: true,
    });
  }
}

function settleAs(data: TensorData, values: Values): void {
  Object.defineProperty(data, "values", {
    value: values,
    writable: true,
    configurable: true,
    enumerable: true,
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

/** Whether the values of a tensor have not been computed. */
export function isDeferred(data: TensorData): boolean {
  return Object.getOwnPropertyDescriptor(data, "values")?.get !== undefined;
}
