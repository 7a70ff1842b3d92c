/**
 * From a recording to a compiled program: lower, simplify, plan.
 * @module
 */
import { isTiny } from "./emit/unrolled.ts";
import type { Compiled } from "./executable.ts";
import { lower } from "./lower.ts";
import { runPasses, SIMPLIFY } from "./passes/mod.ts";
import { planTiny } from "./passes/plan.ts";
import type { Recording } from "./trace.ts";

/** Compiles what a function did in one call. */
export function compile(recording: Recording): Compiled {
  const { program: traced, variables, fallbacks } = lower(recording);
  const program = runPasses(traced, SIMPLIFY);
  if (!isTiny(program)) throw new Error("internal: not yet");
  return { traced, program, variables, fallbacks, tiny: true, plan: planTiny(program) };
}
