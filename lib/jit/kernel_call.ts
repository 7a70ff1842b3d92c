/**
 * An ordinary kernel inside a program: its operands are views of the program's memory.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { sameShape } from "./access.ts";
import type { Arena } from "./arena.ts";
import { type CpuBackend, cpuBackend, cpuKernel, dataOf } from "./backend.ts";
import {
  bytesPerElement,
  type DType,
  type KernelEquation,
  type Operand,
  type Values,
  type Var,
} from "./program.ts";

/** Calls one kernel of the cpu backend on memory. */
export class KernelCall {
  /** Made for one equation; `addressOf` says where its values lie. */
  constructor(
    readonly equation: KernelEquation,
    readonly arena: Arena,
    readonly addressOf: (value: Var) => number,
  ) {}

  /** Reads the operands, runs the kernel and writes its results. */
  run(): void {
    const { name, attrs, outs } = this.equation;
    const backend = cpuBackend();
    const inputs = this.#inputs(backend);
    const results = [cpuKernel(name).kernelFunc({ inputs, attrs, backend })].flat();
    results.forEach((result, i) => this.#write(backend, result, outs[i]!));
    for (const info of [...results, ...Object.values(inputs)]) backend.disposeData(info.dataId);
  }

  #inputs(backend: CpuBackend): Record<string, tf.TensorInfo> {
    const { inputs, inputNames } = this.equation;
    const named = inputs.map((operand, i) =>
      [inputNames[i]!, this.#input(backend, operand)] as const
    );
    const record = Object.fromEntries(named);
    // A kernel that takes a list gets an object with the names 0, 1, 2, … unless it asks for an array.
    return inputNames[0] === "0" ? Object.assign(Object.values(record), {}) as never : record;
  }

  #input(backend: CpuBackend, { source, shape, offset }: Operand): tf.TensorInfo {
    const at = this.addressOf(source) + offset * bytesPerElement(source.dtype);
    const values = this.arena.view(source.dtype, at, shape).slice();
    const dataId = backend.write(values, [...shape], source.dtype);
    return { dataId, shape: [...shape], dtype: source.dtype };
  }

  #write(backend: CpuBackend, result: tf.TensorInfo, out: Var): void {
    if (!sameShape(result.shape, out.shape)) {
      throw new Error(
        `Cannot run ${this.equation.name} in a compiled function: expected a result of shape ` +
          `[${out.shape}] as when it was traced, got [${result.shape}]`,
      );
    }
    const { values } = dataOf(backend, result.dataId);
    this.#view(out.dtype, this.addressOf(out), out.shape).set(values);
  }

  #view(dtype: DType, at: number, shape: readonly number[]): Values {
    return this.arena.view(dtype, at, shape);
  }
}
