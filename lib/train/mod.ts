/** The loop of long work, and checkpoints to go on from. */
export {
  type CheckpointParts,
  Checkpoints,
  type CheckpointsOptions,
  type RestoredCheckpoint,
  type Resumable,
} from "./checkpoint.ts";
export {
  type Files,
  numberedFolders,
  readWholeFolder,
  writeNumberedFolder,
} from "./checkpoint_files.ts";
export { fileSystem } from "./checkpoint_model.ts";
export {
  type CheckpointNetwork,
  planModel,
  type Restore,
  type SavedTasks,
  saveModel,
} from "./checkpoint_network.ts";
export { TrainingRun, type TrainingRunOptions } from "./run.ts";
export { type StepReport, steps, type StepsOptions } from "./steps.ts";
export { SampleTimeline, type TimelineGrid, type TimelineState } from "./timeline.ts";
