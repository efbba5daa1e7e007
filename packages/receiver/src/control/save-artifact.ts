import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ArtifactManifest } from '@heapfloor/contract';
import { ReceiverError } from '../errors.ts';

/**
 * Streams an artifact to `<toDirectory>/<fileName>` and its manifest beside it. Under its final name a file is always
 * whole, checked and durable: temporary file, fsync, rename. Resolves to the path.
 */
export async function saveArtifact(
  source: Readable,
  manifest: ArtifactManifest,
  { toDirectory, signal }: { toDirectory: string; signal: AbortSignal | undefined },
): Promise<string> {
  const path = join(toDirectory, manifest.fileName);
  const temporary = `${path}.partial`;
  try {
    await mkdir(toDirectory, { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'w', 0o600);
    try {
      await writeChecked(source, file, manifest);
      await file.sync();
    } finally {
      await file.close();
    }
    await writeFile(`${path}.manifest.json`, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
    await rename(temporary, path);
    await syncDirectory(toDirectory);
    return path;
  } catch (error) {
    source.destroy();
    // What cannot be removed is overwritten by the next attempt; the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => {});
    signal?.throwIfAborted();
    throw asReceiverError(error, manifest.fileName);
  }
}

/** Never takes more than the manifest announced: a wrong peer must not fill the disk. */
async function writeChecked(source: Readable, file: FileHandle, manifest: ArtifactManifest): Promise<void> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of readChunks(source)) {
    sizeBytes += chunk.length;
    if (sizeBytes > manifest.sizeBytes)
      throw mismatch(manifest, `more than ${manifest.sizeBytes} bytes came`);
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  if (sizeBytes < manifest.sizeBytes) {
    throw mismatch(manifest, `${sizeBytes} of ${manifest.sizeBytes} bytes came`);
  }
  const sha256 = hash.digest('hex');
  if (sha256 !== manifest.sha256) throw mismatch(manifest, `sha256 is ${sha256}, not ${manifest.sha256}`);
}

async function* readChunks(source: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (error) {
    throw new ReceiverError(
      'RECEIVER_CONTROL_UNREACHABLE',
      `The control endpoint broke off a download (${(error as NodeJS.ErrnoException).code ?? (error as Error).message}).`,
      { cause: error },
    );
  }
}

/** After a power cut the rename must still be there, since the app's own copy is deleted next. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function mismatch(manifest: ArtifactManifest, what: string): ReceiverError {
  return new ReceiverError(
    'RECEIVER_ARTIFACT_MISMATCH',
    `${manifest.fileName}: ${what}. It was thrown away.`,
  );
}

function asReceiverError(error: unknown, fileName: string): ReceiverError {
  if (error instanceof ReceiverError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new ReceiverError(
    'RECEIVER_ARTIFACT_STORE',
    `${fileName} cannot be written (${code ?? message}). Check free space and rights of the data directory.`,
    { cause: error },
  );
}
