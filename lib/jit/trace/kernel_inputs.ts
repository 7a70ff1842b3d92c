/**
 * The inputs of a kernel as one list of named tensors, and back.
 *
 * Most kernels take tensors by name. Some take one list (`concat`: the names are 0, 1, 2, …), some a list
 * under a name (`raggedGather`: `paramsNestedSplits.0`, …).
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { KernelCallArguments } from "./backend.ts";

/** Tensors with the names under which a kernel takes them. */
export type NamedTensors = readonly (readonly [name: string, tensor: tf.TensorInfo])[];

/** Lists every tensor that a kernel is given. */
export function listInputs(inputs: KernelCallArguments["inputs"]): NamedTensors {
  const list: (readonly [string, tf.TensorInfo])[] = [];
  for (const name of Object.keys(inputs)) {
    const value = inputs[name];
    if (Array.isArray(value)) value.forEach((tensor, i) => list.push([`${name}.${i}`, tensor]));
    else if (value) list.push([name, value]);
  }
  return list;
}

/** Arranges tensors as a kernel expects its inputs. */
export function namedInputs(
  names: readonly string[],
  tensors: readonly tf.TensorInfo[],
): KernelCallArguments["inputs"] {
  const inputs: Record<string, unknown> = {};
  names.forEach((name, i) => {
    const [key, index] = name.split(".");
    if (index === undefined) inputs[key!] = tensors[i];
    else ((inputs[key!] ??= []) as tf.TensorInfo[]).push(tensors[i]!);
  });
  return (names[0] === "0" ? Object.values(inputs) : inputs) as KernelCallArguments["inputs"];
}
