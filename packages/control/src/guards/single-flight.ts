import { allow, refuse, type Guard } from './guard.ts';

const NAME = 'single-flight';

/** One capture at a time, across all kinds: a profile beside a snapshot distorts both. */
export const singleFlight: Guard = ({ facts: { running } }) =>
  running === null
    ? allow(NAME, 'no other capture is running')
    : refuse(NAME, `capture ${running.captureId} (${running.kind}) is still running`);
