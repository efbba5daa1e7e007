import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process wrote something. A pid alone is reused, in containers at once (each start is pid 1); with its start ticks
 * it is unique within one boot and one pid namespace. Null where the system does not tell.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process. */
  readonly startTicks: string | null;
  readonly bootId: string | null;
  readonly pidNamespace: string | null;
  readonly host: string;
  /** Random, of one start of the control: tells two controls of the same process apart. */
  readonly token: string;
}

/** `unknown`: it runs, or ran, in another pid namespace or on another machine. */
export type Liveness = 'alive' | 'gone' | 'unknown';

interface ProcessState {
  readonly startTicks: string | null;
  /** Dead, but its parent has not fetched the exit code. */
  readonly isZombie: boolean;
}

export function readOwnIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startTicks: readProcessState(process.pid)?.startTicks ?? null,
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    host: hostname(),
    // Unique, not secret; `node:crypto` would take 6 MB of the waiting thread (Node 26).
    token: `${process.pid}-${process.hrtime.bigint().toString(36)}-${Math.random().toString(36).slice(2)}`,
  };
}

export function judgeLiveness(
  other: ProcessIdentity,
  self: ProcessIdentity,
  readState: (pid: number) => ProcessState | null = readProcessState,
): Liveness {
  if (other.token === self.token) return 'alive';
  if (other.bootId !== self.bootId) return other.host === self.host ? 'gone' : 'unknown';
  const isElsewhere = other.pidNamespace !== self.pidNamespace;
  if (isElsewhere || (other.bootId === null && other.host !== self.host)) return 'unknown';
  const state = readState(other.pid);
  if (state === null || state.isZombie) return 'gone';
  return state.startTicks === other.startTicks ? 'alive' : 'gone';
}

/** Two controls of one process, one after the other, have different tokens. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return (['pid', 'startTicks', 'bootId', 'pidNamespace', 'host'] as const).every((key) => a[key] === b[key]);
}

/** Fields 3 and 22 of /proc/<pid>/stat, see proc_pid_stat(5); the name in field 2 may hold spaces and parentheses. */
function readProcessState(pid: number): ProcessState | null {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return isThere(pid) ? { startTicks: null, isZombie: false } : null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { startTicks: fields[19] ?? null, isZombie: fields[0] === 'Z' || fields[0] === 'X' };
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // there, and another user's
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null; // not Linux, or hidden in this sandbox
  }
}
