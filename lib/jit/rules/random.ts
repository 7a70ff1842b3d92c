/**
 * The rule for random numbers, which are recorded like kernels.
 * @module
 */
import type { DrawNumbers } from "../trace/random_draws.ts";
import type { RuleTable } from "./rule.ts";

/** Rules for random numbers, by the name under which draws are recorded. */
export const RANDOM: RuleTable = {
  RandomNumbers: (b, call) => b.draw(call.attrs as unknown as DrawNumbers, call.outs[0]!),
};
