export { CONTROL_ERRORS, ControlError, ControlOptionsError, type ControlErrorCode } from './errors.ts';
export type { Log } from './log.ts';
export type { ControlOptionsInput } from './options.ts';
export { startControl, type ControlHandle, type StartControlContext } from './start-control.ts';
