/**
 * Results of a recorded call: all of them become fresh tensors.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { TensorRef } from "./recording.ts";
import type { Spec } from "./tree.ts";

/** Every tensor of a result, variables included: all of them become fresh tensors. */
export function allTensors(tree: unknown): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  if (typeof tree !== "object" || tree === null) return [];
  return Object.values(tree).flatMap(allTensors);
}

/** The structure of a result whose variables are tensors of their own; they are added to `results`. */
export function freshSpec(
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
