import { guardResult, type Guard } from './guard.ts';
import { kindText } from './quantity-text.ts';

/** Least privilege: who may ask for a profile need not be able to copy the heap with all its secrets. */
export const keyScope: Guard = ({ kind, request: { keyKinds } }) => {
  if (keyKinds === null) {
    return guardResult('key-scope', true, { reason: 'The key may ask for every kind.', numbers: {} });
  }
  const isInScope = keyKinds.includes(kind);
  return guardResult('key-scope', isInScope, {
    reason: isInScope
      ? `The key may ask for a ${kindText(kind)}.`
      : `The key is limited to ${keyKinds.join(', ') || 'no kind'}; sign with another one, or add ${kind} to HEAPFLOOR_CONTROL_LIMITED_KINDS and restart.`,
    numbers: { keyKindsCount: keyKinds.length },
  });
};
