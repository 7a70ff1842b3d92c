/**
 * Names the operation that makes a tensor.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** The operation that made a tensor. */
export interface Origin {
  /** True if an optimizer made it while it updated variables. */
  readonly isOptimizers: boolean;
  /** The name of the operation, such as `randomNormal`. */
  readonly operation: string;
}

/** The engine's open scopes; each operation runs in one with its name. */
interface ScopeHolder {
  readonly state: { readonly scopeStack: readonly { readonly name: string }[] };
}

const OPERATION_SUFFIX = "__op";

/** Finds the name of the outermost TensorFlow.js operation that is running; `tensor` if none is. */
export function runningOperation(): string {
  const { scopeStack } = (tf.engine() as unknown as ScopeHolder).state;
  const scope = scopeStack.find(({ name }) => name?.endsWith(OPERATION_SUFFIX));
  return scope ? scope.name.slice(0, -OPERATION_SUFFIX.length) : "tensor";
}
