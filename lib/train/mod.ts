/** The loop of long work. */
export { type StepReport, steps, type StepsOptions } from "./steps.ts";
