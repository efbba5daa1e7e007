import type { LeakSuspect } from '@heapfloor/contract';

/** Where the code of the holder is: of the nearest object above the culprit that has a source, else of the culprit. */
export function holderSource({ retainerPath, source }: LeakSuspect): string | null {
  const holder = retainerPath.findLast((step) => step.role !== 'culprit' && step.source !== null);
  return holder?.source ?? source;
}
