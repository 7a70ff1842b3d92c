/** One training step as a function of plain numbers: tensors live and die in here. */
import * as tf from "@tensorflow/tfjs";

/** A function of tensors that makes one update and returns the loss and what it wants to show. */
export type StepFunction = (
  input: tf.Tensor,
  targets: tf.Tensor,
) => { readonly loss: tf.Scalar; readonly output: tf.Tensor };

/** Checked numbers and the shape that they have as a tensor. */
export interface Batch {
  /** The numbers, row after row. */
  readonly values: Float32Array;
  /** `[batch, …]`. */
  readonly shape: number[];
}

/** What a step gives back. */
export interface StepResult {
  /** The loss before the update. */
  readonly loss: number;
  /** The network's output before the update, row after row. */
  readonly output: Float32Array;
}

/** Runs one step on numbers; no tensor outlives it. */
export function runStep(step: StepFunction, input: Batch, targets: Batch): StepResult {
  return tf.tidy(() => {
    const { loss, output } = step(
      tf.tensor(input.values, input.shape),
      tf.tensor(targets.values, targets.shape),
    );
    return { loss: loss.dataSync()[0]!, output: Float32Array.from(output.dataSync()) };
  });
}
