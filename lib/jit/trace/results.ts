/**
 * The results of a recorded call, which all become new tensors.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { TensorRef } from "./recording.ts";
import type { Spec } from "./tree.ts";

/** Lists every tensor of a result, variables included. */
export function allTensors(tree: unknown): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  if (typeof tree !== "object" || tree === null) return [];
  return Object.values(tree).flatMap(allTensors);
}

/** Replaces the variables in the structure of a result by tensors, which are added to `results`. */
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
