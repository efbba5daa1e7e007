import { constants } from 'node:os';

/** What these do to a process must not change: they end it, debug it, or are V8's and libuv's own. */
const UNFIT_SIGNALS: ReadonlySet<string> = new Set([
  'SIGBUS',
  'SIGCHLD',
  'SIGFPE',
  'SIGILL',
  'SIGINT',
  'SIGKILL',
  'SIGPIPE',
  'SIGPROF',
  'SIGSEGV',
  'SIGSTOP',
  'SIGTERM',
  'SIGUSR1',
]);

export type SignalListener = { readonly stop: () => void } | { readonly problem: string };

/**
 * Asks for a snapshot each time the signal comes. Refused where somebody listens already: `nodemon` and others restart on
 * SIGUSR2, and one signal must not mean two things. A main thread in an endless loop hears no signal.
 */
export function listenToSignal(signal: string, onSignal: () => void): SignalListener {
  if (UNFIT_SIGNALS.has(signal)) {
    return { problem: `signal: ${signal} has another meaning; SIGUSR2 is free in most apps` };
  }
  if (!(signal in constants.signals)) return { problem: `signal: this system has no ${signal}` };
  const listenerCount = process.listenerCount(signal);
  if (listenerCount > 0) {
    return { problem: `signal: ${signal} has ${listenerCount} listener(s) already; choose another signal` };
  }
  process.on(signal, onSignal);
  return { stop: () => process.off(signal, onSignal) };
}
