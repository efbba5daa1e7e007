import { ControlError } from './errors.ts';

/** Shared by all copies of this package in the process. */
const CLAIM = Symbol.for('@heapfloor/control');

/**
 * One control per process: two would be two gates, and each would allow a snapshot while the other takes one. The mark
 * is global on purpose: a second copy of this package must see it too.
 * @returns gives the claim back.
 */
export function claimProcess(): () => void {
  const holder = globalThis as { [CLAIM]?: boolean };
  if (holder[CLAIM] === true) {
    throw new ControlError(
      'CONTROL_ALREADY_STARTED',
      'the control runs in this process already; stop() it first, or drop either startControl() or --import @heapfloor/control/register',
    );
  }
  holder[CLAIM] = true;
  return () => {
    delete holder[CLAIM];
  };
}
