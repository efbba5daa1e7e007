import { guardResult, type Guard } from './guard.ts';

/** Profilers have crashed processes (DataDog/dd-trace-js#5059): whoever operates the app can end all of it without a restart. */
export const killSwitch: Guard = ({ facts: { killSwitch } }) =>
  guardResult('kill-switch', killSwitch === null, {
    reason:
      killSwitch === null
        ? 'Captures are not switched off.'
        : `All captures are switched off by ${killSwitch}.`,
    numbers: {},
  });
