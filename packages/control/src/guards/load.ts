import { guardResult, SNAPSHOT_KINDS, type Guard } from './guard.ts';
import { percentText } from './quantity-text.ts';

/**
 * A saturated loop has queues that a pause makes longer. Profiles do not pause; a heap near its limit is most often why a
 * loop is saturated, and then they are all there is. Unknown load is allowed: the pause is bounded by another guard.
 */
export const load: Guard = ({ kind, facts, policy: { maxEventLoopUtilizationRatio } }) => {
  if (!SNAPSHOT_KINDS.includes(kind)) return null;
  const { eventLoopUtilizationRatio } = facts;
  if (eventLoopUtilizationRatio === null) {
    return guardResult('load', true, {
      reason: 'The load of the main loop is not known, which refuses nothing.',
      numbers: { maxEventLoopUtilizationRatio },
    });
  }
  const isAllowed = eventLoopUtilizationRatio <= maxEventLoopUtilizationRatio;
  return guardResult('load', isAllowed, {
    reason: `The main loop is ${percentText(eventLoopUtilizationRatio)} busy, ${isAllowed ? 'within' : 'above'} ${percentText(maxEventLoopUtilizationRatio)}.`,
    numbers: { eventLoopUtilizationRatio, maxEventLoopUtilizationRatio },
  });
};
