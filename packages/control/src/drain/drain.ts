import { setTimeout as delay } from 'node:timers/promises';
import { ControlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MainLoop } from '../probe/main-loop.ts';
import { ARRIVED_COUNT, IN_FLIGHT_COUNT, IS_DRAINING } from './drain-cells.ts';
import type { DrainReply, DrainRequest, DrainStep } from './drain-messages.ts';
import { withDeadline } from './with-deadline.ts';

export interface DrainOptions {
  readonly cells: Int32Array;
  /** How long the load balancer takes to see that the instance is not ready. */
  readonly noticeMs: number;
  /** Longest wait for a hook, and for the requests in flight. */
  readonly timeoutMs: number;
  readonly send: (request: DrainRequest) => void;
  readonly loop: MainLoop;
  readonly log: Log;
}

export interface Drain {
  /**
   * Resolves when the instance is out of service and does nothing more: no request in flight, and none came.
   * @param onPhase - told in a few words what it waits for.
   * @throws ControlError at the deadline, or the reason of the signal; the instance has returned to service then.
   */
  readonly enter: (onPhase: (text: string) => void, signal?: AbortSignal) => Promise<void>;
  /** Back to service, at once; resolves when the app's hook has ended. Never throws; does nothing where nothing is drained. */
  readonly leave: () => Promise<void>;
  readonly isDraining: boolean;
  /** The main thread's answer about a hook. */
  readonly onReply: (reply: DrainReply) => void;
}

/** For so long no request may come: less than any health check's period, more than a gap in traffic. Unit: ms. */
const QUIET_MS = 250;
const POLL_INTERVAL_MS = 20;

export function createDrain(options: DrainOptions): Drain {
  const { cells, noticeMs, log } = options;
  const hooks = createHookCalls(options);
  let drainNumber = 0;
  let isDraining = false;

  async function leave(): Promise<void> {
    if (!isDraining) return;
    isDraining = false;
    Atomics.store(cells, IS_DRAINING, 0);
    const error = await hooks.call('onReturn', drainNumber).catch((reason: unknown) => reason as Error);
    if (error !== undefined) log('drain-return-failed', { error: error.message });
  }

  return {
    async enter(onPhase, signal = new AbortController().signal) {
      if (isDraining) throw new Error('the instance is drained already; leave() it first');
      signal.throwIfAborted();
      isDraining = true;
      drainNumber += 1;
      Atomics.store(cells, IS_DRAINING, 1);
      try {
        onPhase('draining, taking the instance out of service');
        await hooks.call('onDrain', drainNumber, signal);
        onPhase(`draining, the load balancer has ${noticeMs} ms to see it`);
        await delay(noticeMs, undefined, { signal });
        await untilQuiet(options, onPhase, signal);
      } catch (error) {
        log('drain-failed', { error: (error as Error).message });
        await leave();
        throw signal.aborted ? signal.reason : error;
      }
    },
    leave,
    get isDraining() {
      return isDraining;
    },
    onReply: hooks.onReply,
  };
}

interface HookCalls {
  /** @throws ControlError when the hook failed, or did not end in time. */
  readonly call: (step: DrainStep, drainNumber: number, signal?: AbortSignal | null) => Promise<void>;
  readonly onReply: (reply: DrainReply) => void;
}

/** The main thread answers also where the app has no hook, so a stuck one is noticed here. */
function createHookCalls({ send, timeoutMs }: DrainOptions): HookCalls {
  let listener: ((reply: DrainReply) => void) | null = null;
  async function untilReply(request: DrainRequest, deadline: AbortSignal): Promise<string | null> {
    return new Promise((resolve, reject) => {
      deadline.addEventListener('abort', () => {
        const text = `${request.step}: the hook or the main thread did not answer within ${timeoutMs} ms; see what it waits for`;
        reject(new ControlError('CONTROL_DRAIN_TIMEOUT', text));
      });
      listener = ({ step, drainNumber, error }) => {
        if (step === request.step && drainNumber === request.drainNumber) resolve(error);
      };
      send(request);
    });
  }
  return {
    async call(step, drainNumber, signal = null) {
      const request: DrainRequest = { type: 'drain', step, drainNumber, timeoutMs };
      const error = await withDeadline(timeoutMs, signal, async (deadline) => untilReply(request, deadline));
      if (error !== null) throw new ControlError('CONTROL_DRAIN_HOOK_FAILED', `${step} failed: ${error}`);
    },
    onReply: (reply) => listener?.(reply),
  };
}

/**
 * No request in flight and none within {@link QUIET_MS}; a request that ends before the next poll must not look like none.
 * The loop must turn before and after, else what waits in its sockets was not counted yet.
 */
async function untilQuiet(
  { cells, loop, timeoutMs }: DrainOptions,
  onPhase: (text: string) => void,
  outer: AbortSignal,
): Promise<void> {
  const arrivedAtStart = Atomics.load(cells, ARRIVED_COUNT);
  let phase = '';
  await withDeadline(timeoutMs, outer, async (signal) => {
    try {
      for (;;) {
        await loop.untilTurn(signal);
        const arrived = Atomics.load(cells, ARRIVED_COUNT);
        const inFlight = Atomics.load(cells, IN_FLIGHT_COUNT);
        const text = `draining, ${inFlight} requests in flight`;
        if (text !== phase) onPhase((phase = text));
        await delay(inFlight === 0 ? QUIET_MS : POLL_INTERVAL_MS, undefined, { signal });
        if (inFlight > 0) continue;
        await loop.untilTurn(signal);
        if (Atomics.load(cells, ARRIVED_COUNT) === arrived) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new ControlError(
        'CONTROL_DRAIN_TIMEOUT',
        describeTimeout(cells, timeoutMs, arrivedAtStart),
        error,
      );
    }
  });
}

function describeTimeout(cells: Int32Array, timeoutMs: number, arrivedAtStart: number): string {
  const inFlight = Atomics.load(cells, IN_FLIGHT_COUNT);
  // The counter wraps at 2^31.
  const arrived = (Atomics.load(cells, ARRIVED_COUNT) - arrivedAtStart) | 0;
  return (
    `after ${timeoutMs} ms ${inFlight} requests are in flight, and ${arrived} came meanwhile; ` +
    'raise drainTimeoutMs for long requests, drainNoticeMs where the load balancer still sends them'
  );
}
