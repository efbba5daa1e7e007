import { channel } from 'node:diagnostics_channel';
import { DRAIN_CHANNEL, type DrainMessage } from '@heapfloor/contract/capture-channel';
import { IS_DRAINING } from './drain-cells.ts';
import type { DrainReply, DrainRequest } from './drain-messages.ts';

/** Custom steps of the app's load balancer. The signal aborts at the deadline. */
export interface DrainHooks {
  /** Takes the instance out. A hook that fails or hangs ends the attempt, and the instance returns. */
  readonly onDrain?: DrainHook;
  /** Puts it back. Must be idempotent: it is called again when a late `onDrain` ends after it. */
  readonly onReturn?: DrainHook;
}

export type DrainHook = (signal: AbortSignal) => Promise<void> | void;

export interface HookRunner {
  readonly handle: (request: DrainRequest) => void;
  /** The control thread has ended: whatever it had taken out of service returns. */
  readonly stop: () => void;
}

/**
 * The main thread's side of a drain: runs the app's hooks when the control thread says so, and publishes
 * {@link DRAIN_CHANNEL}. Nothing that a hook does reaches the app as an error.
 */
export function createHookRunner(
  cells: Int32Array,
  hooks: DrainHooks,
  reply: (message: DrainReply) => void,
): HookRunner {
  const drainChannel = channel(DRAIN_CHANNEL);
  let drained: RunningDrain | null = null;

  function drain(request: DrainRequest): void {
    // The main thread was stuck for so long that the attempt is over.
    if (Atomics.load(cells, IS_DRAINING) === 0) return;
    const current: RunningDrain = { hasReturned: false, timeoutMs: request.timeoutMs };
    drained = current;
    publish({ type: 'draining' });
    void run(hooks.onDrain, request.timeoutMs).then((error) => {
      answer(request, error);
      if (current.hasReturned) void run(hooks.onReturn, request.timeoutMs);
    });
  }

  function comeBack(timeoutMs: number): Promise<string | null> {
    if (drained === null) return Promise.resolve(null);
    drained.hasReturned = true;
    drained = null;
    publish({ type: 'returned' });
    return run(hooks.onReturn, timeoutMs);
  }

  function answer({ step, drainNumber }: DrainRequest, error: string | null): void {
    reply({ type: 'drain-reply', step, drainNumber, error });
  }

  function publish(message: DrainMessage): void {
    drainChannel.publish(message);
  }

  return {
    handle: (request) => {
      if (request.step === 'onDrain') drain(request);
      else void comeBack(request.timeoutMs).then((error) => answer(request, error));
    },
    stop: () => {
      Atomics.store(cells, IS_DRAINING, 0);
      if (drained !== null) void comeBack(drained.timeoutMs);
    },
  };
}

interface RunningDrain {
  hasReturned: boolean;
  readonly timeoutMs: number;
}

/** @returns why it failed; null when it did not. */
async function run(hook: DrainHook | undefined, timeoutMs: number): Promise<string | null> {
  try {
    await hook?.(AbortSignal.timeout(timeoutMs));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
