/** What the two threads tell each other. */
import type { CaptureMessage } from '@heapfloor/contract/capture-channel';

export interface ControlThreadData {
  readonly input: Readonly<Record<string, unknown>>;
  /** The few variables that control reads, not the whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly heartbeat: SharedArrayBuffer;
}

export type ToControlThread = { readonly type: 'stop' };

export type ToMainThread =
  | { readonly type: 'ready'; readonly address: string }
  /** No kind is enabled. */
  | { readonly type: 'off' }
  | { readonly type: 'failed'; readonly problems: readonly string[] }
  | { readonly type: 'beat'; readonly isBeating: boolean }
  | { readonly type: 'stopped' }
  /** For other code of the process, such as the instrumentation. */
  | { readonly type: 'capture'; readonly message: CaptureMessage }
  | {
      readonly type: 'log';
      readonly event: string;
      readonly fields: Readonly<Record<string, string | number | boolean | null>>;
    };
