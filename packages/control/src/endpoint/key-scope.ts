import type { CaptureKind, CaptureResponse } from '@heapfloor/contract';
import { ControlError } from '../errors.ts';

/**
 * Least privilege of a limited key: it reads, stops and deletes what is of its kinds, whoever asked for it; so a key for
 * profiles never gets a heap snapshot, nor throws one away. What it may *take* is for the `key-scope` guard to say, as a
 * refused kind goes down the ladder.
 * @throws ControlError
 */
export function assertInScope(
  keyKinds: readonly CaptureKind[] | null,
  { verdict, operation }: CaptureResponse,
): void {
  if (keyKinds === null) return;
  const kinds = [verdict.grantedKind, ...(operation?.artifacts ?? []).map(({ kind }) => kind)];
  const foreign = kinds.find((kind) => kind !== null && !keyKinds.includes(kind));
  if (foreign === undefined) return;
  throw new ControlError(
    'CONTROL_KEY_LIMITED',
    `This key is limited to ${keyKinds.join(', ')}; the capture is a ${String(foreign)}.`,
  );
}

/** A lock-out protects the app from a capture that killed it: no affair of a limited key. @throws ControlError */
export function assertMayReset(keyKinds: readonly CaptureKind[] | null): void {
  if (keyKinds === null) return;
  throw new ControlError(
    'CONTROL_KEY_LIMITED',
    'A limited key may not reset a lock-out; use one of publicKeyFiles.',
  );
}
