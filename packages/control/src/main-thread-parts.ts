import { channel } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { CAPTURE_CHANNEL } from '@heapfloor/contract/capture-channel';
import { countInFlight } from './drain/in-flight.ts';
import { connectReadiness } from './drain/readiness.ts';
import { createHookRunner, type DrainHooks } from './drain/run-hooks.ts';
import { startBeating } from './heartbeat.ts';
import { noteExit, type ExitNote } from './ledger/note-exit.ts';
import { listenToSignal } from './signal/listen-to-signal.ts';
import type { ToControlThread, ToMainThread } from './thread-messages.ts';
import { writeLine } from './write-line.ts';

export type PartMessage = Extract<ToMainThread, { type: 'beat' | 'ask' | 'drain' | 'exit-note' | 'capture' }>;

export interface MainThreadParts {
  readonly begin: (ready: Extract<ToMainThread, { type: 'ready' }>) => void;
  readonly onMessage: (message: PartMessage) => void;
  /** The control thread has ended: nothing of ours may stay in the main thread. */
  readonly end: () => void;
}

interface PartsContext {
  readonly drainMemory: SharedArrayBuffer;
  readonly heartbeat: SharedArrayBuffer;
  readonly hooks: DrainHooks;
}

/** The main thread's few parts: everything else is in the control thread. */
export function createMainThreadParts(
  worker: Worker,
  { drainMemory, heartbeat, hooks }: PartsContext,
): MainThreadParts {
  const cells = new Int32Array(drainMemory);
  const captures = channel(CAPTURE_CHANNEL);
  const stops: (() => void)[] = [];
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker's message has no origin
  const post = (message: ToControlThread): void => worker.postMessage(message);
  const hookRunner = createHookRunner(cells, hooks, post);
  // From the start: a request that is older than the control's options is in flight, too.
  const counting = countInFlight(cells);
  let beating: { readonly stop: () => void } | null = null;
  let exitNote: ExitNote | null = null;
  const onExit = (): void => {
    if (exitNote !== null) noteExit(exitNote);
  };
  return {
    begin({ signal, counts }) {
      if (counts) stops.push(counting.stop);
      else counting.stop();
      stops.push(connectReadiness(cells).stop);
      if (signal !== null) stops.push(listen(signal, () => post({ type: 'signal' })));
      captures.publish({ type: 'ready' });
    },
    onMessage(message) {
      switch (message.type) {
        case 'beat':
          beating?.stop();
          beating = message.isBeating ? startBeating(heartbeat) : null;
          break;
        case 'ask':
          post({ type: 'turn', question: message.question });
          break;
        case 'drain':
          hookRunner.handle(message);
          break;
        case 'exit-note':
          exitNote = message.note;
          process.on('exit', onExit);
          break;
        case 'capture':
          captures.publish(message.message);
      }
    },
    end() {
      beating?.stop();
      counting.stop();
      process.off('exit', onExit);
      for (const stopPart of stops.splice(0)) stopPart();
      hookRunner.stop();
      // A control thread that died did not kill the app.
      onExit();
    },
  };
}

function listen(signal: string, onSignal: () => void): () => void {
  const listener = listenToSignal(signal, onSignal);
  if ('stop' in listener) return listener.stop;
  writeLine('CONTROL_OPTIONS_INVALID', listener.problem);
  return () => {};
}
