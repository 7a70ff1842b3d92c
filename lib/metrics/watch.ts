/** Who watches long work on samples, and who may stop it. */
import type { Kinds } from "../check/mod.ts";
import { STEPS_KINDS, type StepsOptions } from "../train/mod.ts";

/** Options of long work on samples: those of `steps`, which always begins with the first sample. */
export type WatchOptions = Omit<StepsOptions, "from">;

const { from: _, ...kinds } = STEPS_KINDS;

/** The kinds of {@linkcode WatchOptions}. */
export const WATCH_KINDS: Kinds<WatchOptions> = kinds;
