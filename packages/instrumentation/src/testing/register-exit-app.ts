/**
 * Ends in the way that it is told to, once it stands: `signal` waits to be killed, `exit` and `code` leave with 3,
 * `throw` and `reject` with an error nobody handles. Prints what listens at `process` before.
 */
import { isMainThread } from 'node:worker_threads';

const EVENTS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGUSR2',
  'exit',
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'unhandledRejection',
  'rejectionHandled',
  'multipleResolves',
  'message',
  'disconnect',
];
const listened = EVENTS.filter((name) => process.listenerCount(name) > 0);

const ENDS: Readonly<Record<string, () => void>> = {
  signal: () => setInterval(() => {}, 1000),
  exit: () => process.exit(3),
  code: () => (process.exitCode = 3),
  throw: () => {
    throw new Error('of the app');
  },
  reject: () => void Promise.reject(new Error('of the app')),
};

const [, , end = 'signal', afterMs = '0'] = process.argv;
process.stdout.write(`ready main=${isMainThread} listeners=${listened.join()}\n`, () => {
  setTimeout(() => ENDS[end]?.(), Number(afterMs));
});
