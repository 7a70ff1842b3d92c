/** What the networks learn from: the 1-0-1-0 pattern, noise, and the seeded generator behind both. */
export { generate1010, generateRandom, PATTERN_1010 } from "./pattern.ts";
export { defaultRandom, Random } from "./random.ts";
