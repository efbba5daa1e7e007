import { readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/** Resident memory of another process; null where the system does not tell (only Linux does, without a native add-on). */
export async function readResidentBytes(pid: number): Promise<number | null> {
  try {
    // Fields are pages: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
    const [, resident] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(resident) * PAGE_BYTES;
  } catch {
    // Ended meanwhile, or no /proc here: the limit of the V8 heap and the estimate before reading remain.
    return null;
  }
}
