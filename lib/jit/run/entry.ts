/**
 * One signature of a compiled function, with its last recording and its program.
 * @module
 */
import type { Recording } from "../trace/recording.ts";
import { type Flat, type Spec, specDifference } from "../trace/tree.ts";
import { CheckTimes } from "./check_times.ts";
import type { Compiled, Executable } from "./executable.ts";
import type { NoiseSource } from "./noise_source.ts";

/** A signature with its last recording, and a program once two recordings agreed. */
export class Entry {
  /** The compiled program. */
  compiled: Compiled | undefined;
  /** The instance that tensor calls use. */
  executable: Executable | undefined;
  /** The number of calls that were recorded for it. */
  recordings = 1;
  /** The last recording as it was made; `recording` may have learning rates as further inputs. */
  traced: Recording;
  /** The schedule of its checks. */
  readonly checks: CheckTimes = new CheckTimes();
  readonly #self: unknown;

  /** Starts with the first recording. */
  constructor({ self }: Flat, public recording: Recording) {
    this.#self = self;
    this.traced = recording;
  }

  /** The structure of its arguments. */
  get spec(): Spec {
    return this.recording.args;
  }

  /** Tells whether a call has this signature. */
  fits({ spec, self }: Flat): boolean {
    return self === this.#self && !specDifference(this.spec, spec, "");
  }

  /** True if the optimizers and variables are as they were when it was recorded. */
  get holds(): boolean {
    return this.recording.guards.holds();
  }

  /** Runs the program once, after its arguments have been written. */
  run(executable: Executable, noise: NoiseSource): void {
    const { steps } = this.recording;
    const { noiseInput } = this.compiled!;
    if (noiseInput !== undefined) noise.next(executable.inputs[noiseInput]!);
    if (steps.hasRates) steps.writeRates(executable.inputs);
    executable.run();
    steps.count();
    this.checks.count();
  }
}
