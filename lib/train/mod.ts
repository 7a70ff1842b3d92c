/** The loop of long work, and checkpoints to go on from. */
export {
  type CheckpointParts,
  Checkpoints,
  type CheckpointsOptions,
  type RestoredCheckpoint,
  type Resumable,
} from "./checkpoint.ts";
export { fileSystem } from "./checkpoint_model.ts";
export type { CheckpointNetwork } from "./checkpoint_network.ts";
export { TrainingRun, type TrainingRunOptions } from "./run.ts";
export { type StepReport, steps, type StepsOptions } from "./steps.ts";
export { SampleTimeline, type TimelineGrid, type TimelineState } from "./timeline.ts";
