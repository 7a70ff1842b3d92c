/**
 * The way from a recording to a compiled program: lower, simplify, fuse, plan.
 * @module
 */
import { loadBlas } from "./blas.ts";
import { scratchOf } from "../emit/equation.ts";
import type { StepSource } from "../emit/step.ts";
import { isTiny } from "../emit/loop/unrolled.ts";
import type { Compiled } from "./executable.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";
import { lower } from "../rules/lower.ts";
import { fuse, simplify } from "../passes/mod.ts";
import { planMemory, planTiny } from "../passes/plan.ts";
import type { TracedProgram } from "../program/program.ts";
import type { Recording } from "../trace/recording.ts";

/** Compiles a recording. */
export function compile(recording: Recording, relaxed?: boolean): Compiled {
  const { program, ...rest } = lower(recording);
  return {
    ...compileProgram(program, relaxed === undefined ? {} : { relaxed }),
    ...rest,
  };
}

/** The target of a program: the instructions and the library that it may use. */
export interface Target {
  /** True if it may contain instructions of relaxed SIMD; by default, if this engine has them. */
  readonly relaxed?: boolean;
  /** True, the default, to leave large products to the native library of this machine, if there is one. */
  readonly native?: boolean;
}

/** Compiles a program that comes from a rule or a recording. */
export function compileProgram(
  traced: TracedProgram,
  { relaxed = hasRelaxedSimd(), native = true }: Target = {},
): StepSource {
  const simple = simplify(traced);
  if (isTiny(simple)) {
    return { tiny: true, program: simple, plan: planTiny(simple), blas: undefined, relaxed };
  }
  const program = fuse(simple);
  const blas = native ? loadBlas()?.name : undefined;
  const plan = planMemory(program, (equation) => scratchOf(equation, blas !== undefined));
  return { tiny: false, program, plan, blas, relaxed };
}
