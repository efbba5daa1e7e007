import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeapfloorError } from '@heapfloor/contract';
import { startReceiver, type RunningReceiver } from '@heapfloor/receiver';

export interface DemoReceiverOptions {
  readonly port: number;
  readonly workDirectory: string;
  readonly instance: string;
  readonly minSpanSeconds: number;
}

export interface DemoReceiver {
  readonly url: string;
  readonly publicKeyFile: string;
  readonly controlAddress: string;
  readonly artifactDirectory: (captureId: string) => string;
  readonly close: () => Promise<void>;
}

/** Pause between the two snapshots: the shop's heap grows by some megabytes in it. */
const SNAPSHOT_GAP_MS = 3_000;

/** The receiver as a laptop's only server: embedded rule, files in one directory, the shop as its one target. */
export async function startDemoReceiver(options: DemoReceiverOptions): Promise<DemoReceiver> {
  const controlAddress = `unix:${join(options.workDirectory, 'control', 'shop.sock')}`;
  const targetsFile = join(options.workDirectory, 'targets.json');
  const target = {
    instance: options.instance,
    service: 'shop',
    version: '1.4.0',
    address: controlAddress,
    match: { job: 'shop', instance: options.instance },
  };
  await writeFile(targetsFile, JSON.stringify({ targets: [target] }, undefined, 2), { mode: 0o600 });
  const dataDirectory = join(options.workDirectory, 'receiver');
  const logFile = join(options.workDirectory, 'receiver.log');
  const start = async (port: number): Promise<RunningReceiver> =>
    startReceiver(
      {
        port,
        dataDirectory,
        targetsFile,
        allowUnsigned: true,
        minSpanSeconds: options.minSpanSeconds,
        snapshotGapMs: SNAPSHOT_GAP_MS,
      },
      { log: (entry) => appendFileSync(logFile, `${JSON.stringify(entry)}\n`) },
    );
  const receiver = await start(options.port).catch(async (error: unknown) => {
    if (isPortTaken(error)) return start(0);
    throw error;
  });
  return {
    url: receiver.url,
    publicKeyFile: receiver.publicKeyFile,
    controlAddress,
    artifactDirectory: (captureId) => join(dataDirectory, 'artifacts', captureId),
    close: receiver.close,
  };
}

/** Another demo, or the user's own receiver: a free port serves as well, and the link says which. */
function isPortTaken(error: unknown): boolean {
  return error instanceof HeapfloorError && error.code === 'RECEIVER_LISTEN';
}
