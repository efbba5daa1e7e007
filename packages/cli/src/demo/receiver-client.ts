import { captureRecord, type CaptureRecord } from '@heapfloor/contract';
import { z } from 'zod';

const instanceView = z.looseObject({
  instance: z.string(),
  floorBytes: z.number().nullable(),
  limitBytes: z.number().nullable(),
  floorRatio: z.number().nullable(),
  majorGcCount: z.number().nullable(),
});

/** The live numbers of one instance; null until it has delivered them. */
export type InstanceView = z.output<typeof instanceView>;

export interface ReceiverClient {
  readInstance(instance: string): Promise<InstanceView | null>;
  /** The newest capture, if there is one. */
  readLatestCapture(): Promise<CaptureRecord | null>;
}

/** Reads the receiver's JSON API, as any script could. */
export function createReceiverClient(baseUrl: string): ReceiverClient {
  async function read(path: string): Promise<unknown> {
    const response = await fetch(`${baseUrl}${path}`, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  return {
    async readInstance(instance) {
      const body = z.object({ instances: z.array(instanceView) }).parse(await read('/api/instances'));
      return body.instances.find((view) => view.instance === instance) ?? null;
    },
    async readLatestCapture() {
      const body = z.object({ captures: z.array(captureRecord) }).parse(await read('/api/captures?limit=1'));
      return body.captures[0] ?? null;
    },
  };
}
