import { performance } from 'node:perf_hooks';
import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from 'node:timers';

/**
 * Time as it is. Copies, made when this module is loaded: fake timers (Jest, Vitest, Sinon) replace the functions of
 * the global object, of `node:timers` and of `performance` later, and would move or freeze what measures the process.
 */
export const realClock = {
  nowMs: performance.now.bind(performance),
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
} as const;

export type Clock = typeof realClock;
