export { decideCapture } from './decide-capture.ts';
export type { CaptureFacts, CapturePolicy, CaptureState, Guard, GuardInput } from './guards/guard.ts';
export { controlOptions, type ControlOptionsInput } from './options.ts';
