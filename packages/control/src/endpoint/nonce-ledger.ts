import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { COMMAND_MAX_AGE_SECONDS, describeError } from '@heapfloor/contract';
import { ControlError } from '../errors.ts';

export interface NonceLedgerOptions {
  /** In the folder of this instance alone; null keeps the nonces in memory. */
  readonly path: string | null;
  /** Null where the system does not tell it. */
  readonly bootId: string | null;
  readonly nowSeconds?: () => number;
  readonly maxCount?: number;
}

/** Remembers each nonce until its command would have expired anyway, also over a restart of the process. */
export interface NonceLedger {
  /** Commands issued earlier than this may have been used without a record. Unit: s since the epoch. */
  readonly sinceSeconds: number;
  /** Durable when it returns. @throws ControlError for a used nonce, and where it can neither be written nor be told from a new one later. */
  readonly useUp: (jti: string, untilSeconds: number) => void;
}

/**
 * A clock that is set back makes expired commands good again, so their nonces stay for as long as clocks are set back in
 * practice. Unit: s.
 */
const KEPT_SECONDS = 3_600;
/** A receiver that polls needs some hundred. About 5 MB. */
const MAX_COUNT = 32_768;
/** 132 bits of SHA-256: a jti may be of any length. */
const DIGEST_LENGTH = 22;
const LINE = /^([0-9A-Za-z_-]{22}) ([0-9]{1,12})$/;
const HEADER = /^heapfloor-nonces 1 (\S+) ([0-9]{1,12})$/;

/**
 * The file lasts over the death of the process without fsync, as the kernel holds it; over the death of the machine it is
 * not trusted: its first line names the boot. So a command costs no wait for a disk that a snapshot is written to. What
 * cannot be written is not half-trusted either: the file goes, and the next start refuses what was issued before it.
 */
export function createNonceLedger(options: NonceLedgerOptions): NonceLedger {
  const { path, maxCount = MAX_COUNT, nowSeconds = () => Math.floor(Date.now() / 1000) } = options;
  const kept = path === null ? null : readFile(path, options.bootId);
  let sinceSeconds = Math.min(kept?.sinceSeconds ?? Infinity, nowSeconds());
  const used = kept?.used ?? new Map<string, number>();
  /** Lines in the file; null when there is none to append to. */
  let lineCount: number | null = null;

  function rewrite(file: string): void {
    const head = `heapfloor-nonces 1 ${options.bootId ?? '-'} ${sinceSeconds}\n`;
    const lines = Array.from(used, ([digest, untilSeconds]) => `${digest} ${untilSeconds}\n`);
    writeFileSync(`${file}.tmp`, head + lines.join(''), { mode: 0o600, flush: options.bootId === null });
    renameSync(`${file}.tmp`, file);
    lineCount = used.size;
  }

  function persist(file: string, line: string): void {
    try {
      if (lineCount === null || lineCount > 2 * used.size + 1_000 || !existsFile(file)) rewrite(file);
      else append(file, line, options.bootId === null);
      lineCount = (lineCount ?? 0) + 1;
    } catch (error) {
      lineCount = null;
      forget(file, error);
    }
  }

  function dropExpired(now: number): void {
    for (const [digest, untilSeconds] of used) {
      if (untilSeconds < now - KEPT_SECONDS) used.delete(digest);
    }
    // The oldest first, and of those that have expired only.
    for (const [digest, untilSeconds] of used) {
      if (used.size < maxCount) return;
      if (untilSeconds < now) used.delete(digest);
    }
  }

  dropExpired(nowSeconds());
  if (path !== null) tryRewrite(path, () => rewrite(path));
  return {
    get sinceSeconds() {
      // Not in the future, after a clock was set back: nothing could be commanded until then. Nor what is on its way since.
      if (nowSeconds() < sinceSeconds) sinceSeconds = nowSeconds() - COMMAND_MAX_AGE_SECONDS;
      return sinceSeconds;
    },
    useUp(jti, untilSeconds) {
      const digest = createHash('sha256').update(jti).digest('base64url').slice(0, DIGEST_LENGTH);
      if (used.has(digest)) {
        throw new ControlError(
          'CONTROL_COMMAND_REPLAYED',
          'This command was used before; sign one with a fresh jti.',
        );
      }
      dropExpired(nowSeconds());
      if (used.size >= maxCount) {
        throw new ControlError(
          'CONTROL_COMMANDS_TOO_MANY',
          `${used.size} commands that have not expired are remembered, at most ${maxCount} are; ask less often.`,
        );
      }
      used.set(digest, Math.ceil(untilSeconds));
      if (path !== null) persist(path, `${digest} ${Math.ceil(untilSeconds)}\n`);
    },
  };
}

/** Null for a file that may lack a nonce: none, of another boot, or with anything in it that we did not write. */
function readFile(
  path: string,
  bootId: string | null,
): { sinceSeconds: number; used: Map<string, number> } | null {
  try {
    const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n');
    const [, boot, since] = HEADER.exec(head) ?? [];
    if (since === undefined || boot !== (bootId ?? '-')) return null;
    // Behind the last line break: a record that was cut off, thus of a command that was never answered.
    lines.pop();
    const used = new Map<string, number>();
    for (const line of lines) {
      const [, digest, until] = LINE.exec(line) ?? [];
      if (digest === undefined) return null;
      used.set(digest, Number(until));
    }
    return { sinceSeconds: Number(since), used };
  } catch {
    return null;
  }
}

function append(path: string, line: string, mustSync: boolean): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_APPEND);
  try {
    if (writeSync(descriptor, line) < line.length) throw new Error('only a part of the line fitted');
    if (mustSync) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Needs no room on the disk. Where even this fails, a replay after a restart could not be told: so no command is taken. */
function forget(path: string, cause: unknown): void {
  try {
    rmSync(path, { force: true });
    rmSync(`${path}.tmp`, { force: true });
  } catch (error) {
    throw new ControlError(
      'CONTROL_LEDGER_UNWRITABLE',
      `The used command can't be written down: ${describeError(cause)}, ${describeError(error)}. Free the disk or mend the folder.`,
      cause,
    );
  }
}

function tryRewrite(path: string, rewrite: () => void): void {
  try {
    rewrite();
  } catch {
    // The first command tries again, and is refused if need be.
    rmSync(`${path}.tmp`, { force: true });
  }
}

function existsFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
