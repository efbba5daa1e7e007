export { decideCapture } from './decide-capture.ts';
export type { CaptureFacts, Guard, GuardInput } from './guards/guard.ts';
export { controlOptions, type ControlOptions, type ControlOptionsInput } from './options.ts';
