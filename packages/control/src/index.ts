export { CONTROL_ERROR_CODES, ControlError, type ControlErrorCode } from './errors.ts';
export type { Log } from './log.ts';
export type { ControlOptions, ControlOptionsInput } from './options.ts';
export { startControl, type ControlHandle, type StartControlContext } from './start-control.ts';
