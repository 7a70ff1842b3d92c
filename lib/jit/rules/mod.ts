/**
 * Every rule, by the name of the kernel that it turns into equations.
 * @module
 */
import { ASSEMBLY } from "./assemble.ts";
import { CONVOLUTIONS } from "./convolution.ts";
import { DEPTHWISE } from "./depthwise.ts";
import { ELEMENTWISE } from "./elementwise.ts";
import { GATHERS } from "./gather.ts";
import { MOVEMENT } from "./movement.ts";
import { POOLS } from "./pool.ts";
import { PRODUCTS } from "./product.ts";
import { RANDOM } from "./random.ts";
import { REDUCTIONS } from "./reduce.ts";
import { RESIZES } from "./resize.ts";
import type { RuleTable } from "./rule.ts";

/** All rules by name; a kernel that is not here runs as it is. */
export const RULES: RuleTable = {
  ...ASSEMBLY,
  ...CONVOLUTIONS,
  ...DEPTHWISE,
  ...ELEMENTWISE,
  ...GATHERS,
  ...MOVEMENT,
  ...POOLS,
  ...PRODUCTS,
  ...RANDOM,
  ...REDUCTIONS,
  ...RESIZES,
};
