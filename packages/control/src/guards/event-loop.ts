import { guardResult, type Guard } from './guard.ts';
import { durationText } from './quantity-text.ts';

/**
 * V8 takes a snapshot only with an empty stack, as a task of the event loop; behind a busy loop it would wait, and come
 * at a time nobody expects. The other kinds interrupt running JavaScript.
 */
export const eventLoop: Guard = ({ kind, facts: { eventLoopDelayMs, eventLoopTimeoutMs } }) => {
  if (kind !== 'heap-snapshot') return null;
  if (eventLoopDelayMs === null) {
    return guardResult('event-loop', false, {
      reason: `The event loop of the main thread did not turn within ${durationText(eventLoopTimeoutMs)}.`,
      numbers: { eventLoopTimeoutMs },
    });
  }
  return guardResult('event-loop', true, {
    reason: `The event loop of the main thread turned within ${durationText(eventLoopDelayMs)}.`,
    numbers: { eventLoopDelayMs, eventLoopTimeoutMs },
  });
};
