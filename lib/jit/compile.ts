/**
 * From a recording to a compiled program: lower, simplify, fuse, plan.
 * @module
 */
import { loadBlas } from "./blas.ts";
import { scratchOf } from "./emit/equation_code.ts";
import { isTiny } from "./emit/unrolled.ts";
import type { Compiled } from "./executable.ts";
import { lower } from "./lower.ts";
import { FUSE, runPasses, SIMPLIFY } from "./passes/mod.ts";
import { planMemory, planTiny } from "./passes/plan.ts";
import type { Recording } from "./trace.ts";

/** Compiles what a function did in one call. */
export function compile(recording: Recording): Compiled {
  const { program: traced, variables, fallbacks } = lower(recording);
  const simple = runPasses(traced, SIMPLIFY);
  const tiny = isTiny(simple);
  const program = tiny ? simple : runPasses(simple, FUSE);
  const blas = tiny ? undefined : loadBlas()?.name;
  const plan = tiny
    ? planTiny(program)
    : planMemory(program, (equation) => scratchOf(equation, blas !== undefined));
  return { traced, program, variables, fallbacks, tiny, plan, blas };
}
