import { copyFileSync, constants, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactManifest } from '@heapfloor/contract';

export interface DeliverTo {
  /** `HEAPFLOOR_SNAPSHOT_DIR`. */
  readonly directory: string;
  readonly tag: string;
}

/**
 * Puts a whole artifact where who sent the signal looks for it, under the name he expects. A link, where both are on one
 * disk: it takes no room, and stays when the artifact is swept.
 * @returns its path.
 * @throws where the directory cannot be written, or holds a file of that name.
 */
export function deliverArtifact(
  { directory, tag }: DeliverTo,
  manifest: Pick<ArtifactManifest, 'fileName' | 'pid' | 'startedAt' | 'isolate'>,
  artifactDirectory: string,
): string {
  const source = join(artifactDirectory, manifest.fileName);
  const time = manifest.startedAt.replaceAll(/[-:]/g, '');
  // `<captureId>.<ordinal>.report.json`: the last part alone would not tell a report from a summary.
  const extension = manifest.fileName.split('.').slice(2).join('.');
  const isolate = manifest.isolate === 'main' ? '' : `-${manifest.isolate}`;
  const target = join(directory, `heap-${tag}-${manifest.pid}${isolate}-${time}.${extension}`);
  try {
    linkSync(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyWhole(source, target);
  }
  return target;
}

/** Whoever watches the directory sees the file whole or not at all. */
function copyWhole(source: string, target: string): void {
  const temporary = `${target}.tmp`;
  try {
    copyFileSync(source, temporary, constants.COPYFILE_EXCL);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
