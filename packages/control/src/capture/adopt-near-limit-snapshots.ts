import { constants, createWriteStream, linkSync, readdirSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { assertOurs, ReservedFile, type WrittenFile } from './artifact-file.ts';

export interface AdoptNearLimitOptions {
  /** Where V8 wrote, as the arm said. */
  readonly sourceDirectory: string;
  /** Of the process that was armed. */
  readonly pid: number;
  /** When it was armed: an older file is of another process that had the same pid. Epoch. */
  readonly armedAtMs: number;
  /** Where the artifacts are kept. */
  readonly directory: string;
  /** Name of the nth artifact, from 1 on. */
  readonly fileNameOf: (ordinal: number) => string;
}

export interface AdoptedSnapshot extends WrittenFile {
  readonly fileName: string;
  readonly sourceName: string;
  readonly finishedAtMs: number;
}

export interface AdoptedSnapshots {
  readonly adopted: readonly AdoptedSnapshot[];
  /** Left where they are, with the reason: not whole, not ours, of another process, or no room for them. */
  readonly left: readonly { readonly sourceName: string; readonly reason: string }[];
}

/**
 * Takes over what V8 wrote when an earlier process came near its heap limit. Called at the next start of the instance; a
 * process that survived its limit may be asked about itself as well.
 */
export async function adoptNearLimitSnapshots(options: AdoptNearLimitOptions): Promise<AdoptedSnapshots> {
  const adopted: AdoptedSnapshot[] = [];
  const left: { sourceName: string; reason: string }[] = [];
  for (const sourceName of findSnapshots(options)) {
    const fileName = options.fileNameOf(adopted.length + 1);
    try {
      adopted.push(await adopt(options, { sourceName, fileName }));
    } catch (error) {
      left.push({ sourceName, reason: (error as Error).message });
    }
  }
  return { adopted, left };
}

/** `Heap.<date>.<time>.<pid>.<thread>.<sequence>.heapsnapshot` (node: src/util.cc DiagnosticFilename); the main thread is 0. */
function findSnapshots({ sourceDirectory, pid }: AdoptNearLimitOptions): string[] {
  const pattern = new RegExp(`^Heap\\.\\d{8}\\.\\d{6}\\.${pid}\\.0\\.\\d+\\.heapsnapshot$`);
  try {
    return readdirSync(sourceDirectory)
      .filter((name) => pattern.test(name))
      .toSorted();
  } catch {
    return []; // the folder of an earlier container is gone with it
  }
}

async function adopt(
  { sourceDirectory, armedAtMs, directory }: AdoptNearLimitOptions,
  { sourceName, fileName }: { sourceName: string; fileName: string },
): Promise<AdoptedSnapshot> {
  const source = join(sourceDirectory, sourceName);
  const file = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const reserved = new ReservedFile(directory, fileName);
  try {
    await assertOurs(file, source);
    const finishedAtMs = (await file.stat()).mtimeMs;
    if (finishedAtMs < armedAtMs) throw new Error('it was written before the arm, so by another process');
    await linkOrCopy({ source, file, target: reserved.temporaryPath });
    const written = await reserved.finish();
    rmSync(source, { force: true });
    return { fileName, sourceName, finishedAtMs, ...written };
  } finally {
    reserved.discard();
    await file.close();
  }
}

/** The source stays until the artifact is there. A copy is read from the file that was looked at, not from its name. */
async function linkOrCopy({
  source,
  file,
  target,
}: {
  readonly source: string;
  readonly file: FileHandle;
  readonly target: string;
}): Promise<void> {
  try {
    rmSync(target);
    linkSync(source, target);
  } catch {
    // Another device, or a file system without links. A MiB at a time is in memory.
    const blocks = file.createReadStream({ start: 0, autoClose: false, highWaterMark: 2 ** 20 });
    await pipeline(blocks, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
  }
}
