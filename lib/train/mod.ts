/** Training loops that can be watched, stopped, saved and resumed, and cameras that record a training. */
export {
  Checkpoints,
  type CheckpointsOptions,
  type RestoredCheckpoint,
  type RestoreOptions,
} from "./checkpoint.ts";
export { type CheckpointNetwork } from "./checkpoint_network.ts";
export { type CheckpointParts } from "./checkpoint_parts.ts";
export { type Resumable } from "./checkpoint_state.ts";
export { fileSystem } from "./model_files.ts";
export {
  type ComparedWithBest,
  PlaneCamera,
  type PlaneCameraOptions,
  type PlanePicture,
} from "./plane_camera.ts";
export { type GradientLengths, gradientLengths } from "./plane_gradients.ts";
export { TrainingRun, type TrainingRunOptions } from "./run.ts";
export {
  LOOP_KINDS,
  type LoopOptions,
  type StepReport,
  steps,
  type StepsOptions,
} from "./steps.ts";
export {
  SampleTimeline,
  type SampleTimelineOptions,
  type TimelineGrid,
  type TimelineState,
} from "./timeline.ts";
