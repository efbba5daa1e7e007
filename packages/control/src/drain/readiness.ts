import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { IS_DRAINING, IS_UP } from './drain-cells.ts';

/**
 * For an app whose own server answers the readiness probe: false while the instance is out of service for a capture. True
 * where control is off. It does not know whether the app is up; that is the app's own part of the answer.
 */
export function isReady(): boolean {
  const { cells } = readinessOfProcess();
  return cells === null || Atomics.load(cells, IS_DRAINING) === 0;
}

/**
 * Tells `/readyz` of `probeListen` whether the app can serve. Who never calls it is up as soon as one of its servers
 * listens; call it with false before that, and with true when the app is warm. May be called before control starts.
 */
export function setUp(isUp: boolean): void {
  const readiness = readinessOfProcess();
  readiness.saidUp = isUp;
  if (readiness.cells !== null) Atomics.store(readiness.cells, IS_UP, isUp ? 1 : 0);
}

/** Connects the two functions above with the control of this process. */
export function connectReadiness(cells: Int32Array): { readonly stop: () => void } {
  const readiness = readinessOfProcess();
  readiness.cells = cells;
  const onListening = (): void => {
    if (readiness.saidUp === null) Atomics.store(cells, IS_UP, 1);
    unsubscribe(LISTENING, onListening);
  };
  subscribe(LISTENING, onListening);
  if (readiness.saidUp !== null) setUp(readiness.saidUp);
  else if (process.getActiveResourcesInfo().includes('TCPServerWrap')) onListening();
  return {
    stop: () => {
      unsubscribe(LISTENING, onListening);
      if (readiness.cells === cells) readiness.cells = null;
    },
  };
}

/** Of `net.Server`, so of HTTP servers too; in cluster workers as well. */
const LISTENING = 'tracing:net.server.listen:asyncEnd';

interface ProcessReadiness {
  /** Null where the app never said it. */
  saidUp: boolean | null;
  /** Null while control is off. */
  cells: Int32Array | null;
}

const READINESS = Symbol.for('@heapfloor/control/readiness');

/** Global on purpose, like the claim on the process: the app's copy of this package may not be the one that registered. */
function readinessOfProcess(): ProcessReadiness {
  const holder = globalThis as { [READINESS]?: ProcessReadiness };
  return (holder[READINESS] ??= { saidUp: null, cells: null });
}
