import { hostname } from 'node:os';
import { describeError, HeapfloorError, type CaptureResponse } from '@heapfloor/contract';
import { describeAccess } from '@heapfloor/control';
import type { ControlClient } from '@heapfloor/receiver';
import { plainText } from '../terminal/format.ts';
import type { Progress } from '../terminal/progress.ts';

export interface FollowOptions {
  readonly target: string;
  readonly instance: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A profile that is stopped must still be written and hashed. Unit: ms. */
const STOP_TIMEOUT_MS = 60_000;

/** Waits for the end and shows what goes on; Ctrl-C stops what can be stopped, and keeps what is there. */
export async function followCapture(
  client: ControlClient,
  captureId: string,
  { target, instance, signal, progress }: FollowOptions,
): Promise<CaptureResponse> {
  let isInspectorShown = false;
  const onProgress = ({ operation }: CaptureResponse): void => {
    if (operation?.state !== 'running') return;
    const { inspector, phase } = operation;
    if (inspector !== null && !isInspectorShown) {
      isInspectorShown = true;
      const place = { host: hostOf(target), instance, captureId };
      for (const line of describeAccess(inspector, place)) progress.note(plainText(line));
    }
    progress.live('capture', plainText(phase ?? 'running'));
  };
  try {
    return await client.waitUntilDone(captureId, { signal, onProgress });
  } catch (error) {
    if (!signal.aborted) throw error;
    await stop(client, captureId);
    progress.step('stopped', 'what there is is kept');
    return client.waitUntilDone(captureId, { signal: AbortSignal.timeout(STOP_TIMEOUT_MS), onProgress });
  }
}

async function stop(client: ControlClient, captureId: string): Promise<void> {
  try {
    await client.stop(captureId);
  } catch (error) {
    throw new HeapfloorError(
      'CLI_INTERRUPTED',
      `capture ${captureId} goes on in the app, its files stay there (${describeError(error)})`,
      { kind: 'dependency', cause: error },
    );
  }
}

/** The app's host; on a Unix socket and on the loopback that is this one. */
function hostOf(target: string): string {
  const host = target.startsWith('unix:') ? '' : new URL(target).hostname;
  return host === '' || host === 'localhost' || host === '[::1]' || host.startsWith('127.')
    ? hostname()
    : host;
}
