/**
 * The way from a recording to a compiled program: lower, simplify, fuse, plan.
 * @module
 */
import { loadBlas } from "./blas.ts";
import { scratchOf, stagesOf } from "../emit/equation.ts";
import { scratchBytes } from "../emit/parts/stage.ts";
import type { StepSource } from "../emit/step.ts";
import { isTiny } from "../emit/loop/unrolled.ts";
import type { Compiled } from "./executable.ts";
import { hasRelaxedSimd } from "./relaxed_simd.ts";
import { lower } from "../rules/lower.ts";
import { fuse, simplify } from "../passes/mod.ts";
import { planMemory, planTiny } from "../passes/plan.ts";
import type { FusedProgram, TracedProgram } from "../program/program.ts";
import type { Recording } from "../trace/recording.ts";

/** Compiles a recording. */
export function compile(recording: Recording, target: Target = {}): Compiled {
  const { program, ...rest } = lower(recording);
  return { ...compileProgram(program, target), ...rest };
}

/** The target of a program: the instructions and the library that it may use. */
export interface Target {
  /** True if it may contain instructions of relaxed SIMD; by default, if this engine has them. */
  readonly relaxed?: boolean;
  /** True, the default, to leave large products to the native library of this machine, if there is one. */
  readonly native?: boolean;
  /** The largest number of threads, 1 by default. */
  readonly threads?: number;
}

/** Compiles a program that comes from a rule or a recording. */
export function compileProgram(
  traced: TracedProgram,
  { relaxed = hasRelaxedSimd(), native = true, threads: mostThreads = 1 }: Target = {},
): StepSource {
  const simple = simplify(traced);
  if (isTiny(simple)) {
    return {
      tiny: true,
      program: simple,
      plan: planTiny(simple),
      blas: undefined,
      relaxed,
      threads: 1,
    };
  }
  const program = fuse(simple);
  const blas = native ? loadBlas()?.name : undefined;
  const threads = partsOf(program) >= LEAST_PARTS ? mostThreads : 1;
  const plan = planMemory(
    program,
    (equation) => scratchBytes(scratchOf(equation, blas !== undefined), threads),
  );
  return { tiny: false, program, plan, blas, relaxed, threads };
}

/** The least number of parts of a program for several threads: about 100 microseconds of work, or waking costs more. */
const LEAST_PARTS = 8;

/** Counts the parts of all stages that have several. */
function partsOf({ equations }: FusedProgram): number {
  const layout = { addressOf: () => 0, constantOf: () => undefined };
  const stages = equations.flatMap((equation) =>
    stagesOf(equation, { layout, scratch: 0, own: () => 0 })
  );
  return stages.reduce((sum, { parts }) => parts > 1 ? sum + parts : sum, 0);
}
