/**
 * An ordinary kernel inside a program: its operands are views of the program's memory.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { sameShape } from "../program/access.ts";
import type { Arena } from "./arena.ts";
import { type CpuBackend, cpuBackend, cpuKernel, dataOf, tensorOf } from "../trace/backend.ts";
import { namedInputs } from "../trace/kernel_inputs.ts";
import { bytesPerElement } from "../program/dtype.ts";
import { corrected } from "../trace/corrections.ts";
import type { KernelEquation, Operand, Var } from "../program/equation.ts";

/** A call of one kernel of the cpu backend on the program's memory. */
export class KernelCall {
  /** Takes the equation, and a function that returns the address of a value. */
  constructor(
    readonly equation: KernelEquation,
    readonly arena: Arena,
    readonly addressOf: (value: Var) => number,
  ) {}

  /** Reads the operands, runs the kernel and writes its results. */
  run(): void {
    const { name, attrs, outs } = this.equation;
    const backend = cpuBackend();
    const tensors = this.equation.inputs.map((operand) => this.#input(operand));
    const inputs = namedInputs(this.equation.inputNames, tensors);
    const results = [corrected(name, cpuKernel(name).kernelFunc)({ inputs, attrs, backend })]
      .flat();
    results.forEach((result, i) => this.#write(backend, result, outs[i]!));
    for (const info of [...results, ...tensors]) {
      if (info instanceof tf.Tensor) info.dispose();
      else backend.disposeData(info.dataId);
    }
  }

  #input({ source, shape, offset }: Operand): tf.Tensor {
    const at = this.addressOf(source) + offset * bytesPerElement(source.dtype);
    return tensorOf(this.arena.view(source.dtype, at, shape).slice(), shape, source.dtype);
  }

  #write(backend: CpuBackend, result: tf.TensorInfo, out: Var): void {
    if (!sameShape(result.shape, out.shape)) {
      throw new Error(
        `Cannot run ${this.equation.name} in a compiled function: expected a result of shape ` +
          `[${out.shape}] as when it was traced, got [${result.shape}]`,
      );
    }
    const { values } = dataOf(backend, result.dataId);
    this.arena.view(out.dtype, this.addressOf(out), out.shape).set(values);
  }
}
