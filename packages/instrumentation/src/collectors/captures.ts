import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Attributes } from '@opentelemetry/api';
import {
  CAPTURE_CHANNEL,
  CAPTURE_OUTCOMES,
  type CaptureMessage,
  type CaptureOutcome,
} from '@heapfloor/contract/capture-channel';
import {
  ATTR_CAPTURE_OUTCOME,
  METRIC_CAPTURE_COUNT,
  METRIC_CAPTURE_DURATION,
  METRIC_CAPTURE_STATE,
} from '@heapfloor/contract/metrics';
import { quietly } from '../quietly.ts';
import type { Collector, RecordValue } from './collector.ts';
import { realClock } from './real-clock.ts';

/** Control runs a handful at most; the bound is for an end that never comes. */
const MAX_RUNNING = 100;

const OUTCOME_ATTRIBUTES: Readonly<Record<CaptureOutcome, Attributes>> = {
  succeeded: { [ATTR_CAPTURE_OUTCOME]: 'succeeded' },
  failed: { [ATTR_CAPTURE_OUTCOME]: 'failed' },
  refused: { [ATTR_CAPTURE_OUTCOME]: 'refused' },
};

/** Captures as `@heapfloor/control` tells of them; nothing where it does not run. */
export function createCapturesCollector(nowMs: () => number = realClock.nowMs): Collector {
  const counts: Record<CaptureOutcome, number> = { succeeded: 0, failed: 0, refused: 0 };
  const startedMs = new Map<string, number>();
  let isControlThere = false;
  let record: RecordValue | null = null;

  const end = (captureId: string, outcome: CaptureOutcome): void => {
    counts[outcome] += 1;
    const beganMs = startedMs.get(captureId);
    if (beganMs === undefined) return;
    startedMs.delete(captureId);
    record?.(METRIC_CAPTURE_DURATION, Math.max(0, nowMs() - beganMs) / 1000);
  };
  // What a subscriber throws ends the process.
  const onMessage = (message: unknown): void =>
    quietly('reading of a capture', () => {
      if (!isCaptureMessage(message)) return;
      isControlThere = true;
      if (message.type === 'started' && startedMs.size < MAX_RUNNING) {
        startedMs.set(message.captureId, nowMs());
      }
      if (message.type === 'ended') end(message.captureId, message.outcome);
    });
  let isSubscribed = false;
  return {
    metricNames: [METRIC_CAPTURE_STATE, METRIC_CAPTURE_COUNT, METRIC_CAPTURE_DURATION],
    start() {
      if (!isSubscribed) subscribe(CAPTURE_CHANNEL, onMessage);
      isSubscribed = true;
    },
    stop() {
      if (isSubscribed) unsubscribe(CAPTURE_CHANNEL, onMessage);
      isSubscribed = false;
      // Their ends would not be seen.
      startedMs.clear();
    },
    connect(next) {
      record = next;
    },
    observe(observe) {
      if (!isControlThere) return;
      observe(METRIC_CAPTURE_STATE, startedMs.size);
      for (const outcome of CAPTURE_OUTCOMES) {
        observe(METRIC_CAPTURE_COUNT, counts[outcome], OUTCOME_ATTRIBUTES[outcome]);
      }
    },
  };
}

/** The channel is open to the whole process, so that anything can come. */
function isCaptureMessage(message: unknown): message is CaptureMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { type, captureId, outcome } = message as Partial<Record<string, unknown>>;
  if (type === 'ready') return true;
  if (typeof captureId !== 'string') return false;
  return type === 'started' || (type === 'ended' && CAPTURE_OUTCOMES.includes(outcome as CaptureOutcome));
}
