/** What the two threads tell each other. */
import type { CaptureMessage } from '@heapfloor/contract/capture-channel';
import type { DrainReply, DrainRequest } from './drain/drain-messages.ts';
import type { ExitNote } from './ledger/note-exit.ts';

export interface ControlThreadData {
  readonly input: Readonly<Record<string, unknown>>;
  /** The few variables that control reads, not the whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly heartbeat: SharedArrayBuffer;
  readonly drainMemory: SharedArrayBuffer;
  readonly latchMemory: SharedArrayBuffer;
  readonly hasHooks: boolean;
  /** Of a child of `cluster`; null elsewhere. */
  readonly clusterWorkerId: number | null;
}

export type ToControlThread =
  | { readonly type: 'stop' }
  | { readonly type: 'signal' }
  /** The answer to an `ask`: the main loop has turned. */
  | { readonly type: 'turn'; readonly question: number }
  | DrainReply;

export type ToMainThread =
  /** `signal`: the one to listen to. `counts`: requests in flight. */
  | {
      readonly type: 'ready';
      readonly address: string | null;
      readonly signal: string | null;
      readonly counts: boolean;
    }
  /** No kind is enabled. */
  | { readonly type: 'off' }
  | { readonly type: 'failed'; readonly problems: readonly string[] }
  | { readonly type: 'beat'; readonly isBeating: boolean }
  | { readonly type: 'ask'; readonly question: number }
  | DrainRequest
  /** What to write when the app ends by itself: then no capture killed it. */
  | { readonly type: 'exit-note'; readonly note: ExitNote }
  | { readonly type: 'stopped' }
  /** An error that nobody caught: the control thread waits to be ended. */
  | { readonly type: 'died'; readonly message: string }
  /** For other code of the process, such as the instrumentation. */
  | { readonly type: 'capture'; readonly message: CaptureMessage }
  | {
      readonly type: 'log';
      readonly event: string;
      readonly fields: Readonly<Record<string, string | number | boolean | null>>;
    };
