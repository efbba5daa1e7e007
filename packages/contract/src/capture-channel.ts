/**
 * How `control` tells other code of its process about captures, without either package knowing the other:
 * `diagnostics_channel` of the main thread.
 */
export const CAPTURE_CHANNEL = 'heapfloor:capture';

export const CAPTURE_OUTCOMES = ['succeeded', 'failed', 'refused'] as const;
export type CaptureOutcome = (typeof CAPTURE_OUTCOMES)[number];

/** `ready` comes once, when control listens. A refused capture only ends. */
export type CaptureMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly captureId: string }
  | { readonly type: 'ended'; readonly captureId: string; readonly outcome: CaptureOutcome };

/** As above: told when the instance leaves service for a capture, and when it is back. */
export const DRAIN_CHANNEL = 'heapfloor:drain';

export type DrainMessage = { readonly type: 'draining' } | { readonly type: 'returned' };
