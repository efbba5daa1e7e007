import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactManifest } from '@heapfloor/contract';
import { ControlError } from '../errors.ts';

/** Streams a whole artifact; only a file that a manifest names is ever opened. */
export async function sendArtifact(
  response: ServerResponse,
  directory: string,
  manifest: ArtifactManifest | undefined,
): Promise<void> {
  if (manifest === undefined) {
    throw new ControlError('CONTROL_ARTIFACT_UNKNOWN', 'This capture has no artifact of that name.');
  }
  const file = createReadStream(join(directory, manifest.fileName));
  await once(file, 'open').catch((error: unknown) => {
    throw new ControlError('CONTROL_ARTIFACT_UNKNOWN', `${manifest.fileName} is no longer here.`, error);
  });
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': manifest.sizeBytes,
    // RFC 9530
    'content-digest': `sha-256=:${Buffer.from(manifest.sha256, 'hex').toString('base64')}:`,
    'cache-control': 'no-store',
  });
  await pipeline(file, response);
}
