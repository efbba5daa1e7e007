import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The old content or the new one, never a part, also after the machine has lost power. 0600. */
export function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(`${path}.tmp`, text, { mode: 0o600, flush: true });
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    rmSync(`${path}.tmp`, { force: true });
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Makes new and changed names last, see fsync(2). */
export function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Some systems open no directories; there the name lasts without it, or cannot be made to.
  }
}
