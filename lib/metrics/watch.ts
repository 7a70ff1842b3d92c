/** Who watches long work on samples, and who may stop it. */
import { callable, finiteNumber, instanceOf, type Kinds } from "../check/mod.ts";
import type { StepsOptions } from "../train/mod.ts";

/** Options of long work on samples: those of `steps`, which always begins with the first sample. */
export type WatchOptions = Omit<StepsOptions, "from">;

/** The kinds of {@linkcode WatchOptions}. */
export const WATCH_KINDS: Kinds<WatchOptions> = {
  signal: instanceOf(AbortSignal, "an AbortSignal"),
  onProgress: callable,
  note: callable,
  sliceMs: finiteNumber({ from: 0 }),
};
