/** What the two threads tell each other about a drain. Answers carry the number of their request. */
export type DrainRequest = {
  readonly type: 'drain';
  readonly step: DrainStep;
  readonly drainNumber: number;
  /** Of the app's hook. */
  readonly timeoutMs: number;
};

/** Named after the hook that belongs to it. */
export type DrainStep = 'onDrain' | 'onReturn';

export type DrainReply = {
  readonly type: 'drain-reply';
  readonly step: DrainStep;
  readonly drainNumber: number;
  /** Why the hook failed; null when it did not. */
  readonly error: string | null;
};
