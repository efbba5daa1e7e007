import { captureId, type CaptureRecord } from '@heapfloor/contract';
import { cutText, ReceiverError } from '../errors.ts';
import type { JobStore } from '../jobs/job-store.ts';

/** @throws ReceiverError when there is none. */
export async function findCapture(store: JobStore, id: string): Promise<CaptureRecord> {
  const record = captureId.safeParse(id).success ? await store.read(id) : null;
  if (record !== null) return record;
  throw new ReceiverError(
    'RECEIVER_NOT_FOUND',
    `There is no capture '${cutText(id, 64)}'. /captures lists those that there are.`,
  );
}
