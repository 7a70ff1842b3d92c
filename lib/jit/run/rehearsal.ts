/**
 * Calls that do not count: what they change is noted, and put back bit for bit.
 *
 * The calls that record a function run its kernels eagerly, which round differently from the program in
 * the last bit. Rehearsed, they leave no trace, so that every call that counts is made by the program, and
 * a run that goes on in another process makes the same numbers as one that was never stopped.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { asType, type Values } from "../program/dtype.ts";
import { allVariables, cpuBackend, dataOf, replace, tensorOf } from "../trace/backend.ts";

interface CountingOptimizer {
  iterations_: number | undefined;
}

interface OptimizerPrototype {
  incrementIterations(this: CountingOptimizer): void;
}

interface VariableMaker {
  makeVariable(...args: unknown[]): tf.Variable;
}

function valuesOf(variable: tf.Variable): Values {
  const { values } = dataOf(cpuBackend(), variable.dataId);
  return asType(values, variable.dtype).slice();
}

/** A variable from before may have been disposed; then there is nothing to put back into. */
function setValues(variable: tf.Variable, values: Values): void {
  if (variable.isDisposed) return;
  const now = asType(dataOf(cpuBackend(), variable.dataId).values, variable.dtype);
  if (now.length === values.length && now.every((value, i) => Object.is(value, values[i]))) return;
  const before = tensorOf(values, variable.shape, variable.dtype);
  variable.assign(before);
  before.dispose();
}

/**
 * Makes calls that do not count.
 *
 * Put back are the values of all variables, those of variables that were made meanwhile (an optimizer's
 * slots) to what they were made with, and the step counts of optimizers. Other state in JavaScript is
 * the function's own affair.
 */
export function rehearse<T>(calls: () => T): T {
  const variables = new Map(
    allVariables().filter(({ dtype }) => dtype !== "string" && dtype !== "complex64")
      .map((variable) => [variable, valuesOf(variable)]),
  );
  const counts = new Map<CountingOptimizer, number | undefined>();
  const undo = [
    replace(tf.engine() as unknown as VariableMaker, "makeVariable", (make) => (...args) => {
      const made = make.apply(tf.engine() as unknown as VariableMaker, args);
      variables.set(made, valuesOf(made));
      return made;
    }),
    replace(
      tf.Optimizer.prototype as unknown as OptimizerPrototype,
      "incrementIterations",
      (count) =>
        function (this: CountingOptimizer) {
          if (!counts.has(this)) counts.set(this, this.iterations_);
          count.call(this);
        },
    ),
  ];
  try {
    return calls();
  } finally {
    undo.forEach((restore) => restore());
    variables.forEach((values, variable) => setValues(variable, values));
    counts.forEach((count, optimizer) => optimizer.iterations_ = count);
  }
}
