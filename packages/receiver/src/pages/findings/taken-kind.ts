import type { CaptureKind, CaptureRecord } from '@heapfloor/contract';

/** The kind that a capture came to: what was granted, if a file proves it, else what there is. */
export function takenKind({ verdict, artifacts, requestedKind }: CaptureRecord): CaptureKind {
  const granted = verdict?.grantedKind ?? requestedKind;
  return artifacts.find(({ kind }) => kind === granted)?.kind ?? artifacts[0]?.kind ?? granted;
}
