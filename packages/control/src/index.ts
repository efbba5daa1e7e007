export { CONTROL_ERRORS, ControlError, ControlOptionsError, type ControlErrorCode } from './errors.ts';
export { describeAccess, type AccessPlace } from './inspector/describe-access.ts';
export { isReady, setUp } from './drain/readiness.ts';
export type { DrainHook, DrainHooks } from './drain/run-hooks.ts';
export type { Log } from './log.ts';
export type { ControlOptionsInput } from './options.ts';
export { startControl, type ControlHandle, type StartControlContext } from './start-control.ts';
