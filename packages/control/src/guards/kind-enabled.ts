import { guardResult, type Guard } from './guard.ts';
import { capitalize, kindText } from './quantity-text.ts';

/**
 * Off until an operator says otherwise: a capture can leak secrets and pause the app. A metrics summary does neither, it
 * holds numbers only.
 */
export const kindEnabled: Guard = ({ kind, policy }) => {
  const isEnabled = kind === 'metrics-summary' || policy.enabledKinds.includes(kind);
  const reason = isEnabled
    ? `${capitalize(kindText(kind))} is enabled.`
    : `Not enabled; add ${kind} to HEAPFLOOR_CONTROL_KINDS and restart.`;
  return guardResult('kind-enabled', isEnabled, {
    reason,
    numbers: { enabledKindsCount: policy.enabledKinds.length },
  });
};
