import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CaptureResponse } from '@heapfloor/contract';
import type { ControlClient } from '@heapfloor/receiver';
import { controlClient, controlVariables } from '../capture/control-variables.ts';
import { createMemoryGroup } from '../../../packages/instrumentation/src/testing/limit-cgroup.ts';

export interface Try {
  readonly heapMib: number;
  readonly limitMib: number;
  /** False: the operator has switched the headroom guard off. */
  readonly isGuarded: boolean;
}

export interface Outcome {
  /** The kernel killed it. */
  readonly isKilled: boolean;
  /** What the verdict granted instead of the snapshot; null without an answer. */
  readonly grantedKind: string | null;
  readonly hasProfile: boolean;
}

/** One app in a memory cgroup of its own is asked for a snapshot that does not fit. */
export async function tryCapture(
  name: string,
  directory: string,
  { heapMib, limitMib, isGuarded }: Try,
): Promise<Outcome> {
  const group = createMemoryGroup(name, { maxMib: limitMib });
  const { env, execArgv } = controlVariables(directory, {
    HEAPFLOOR_CONTROL_HEAP_CEILING_BYTES: String(2 ** 40),
    ...(!isGuarded && { HEAPFLOOR_CONTROL_HEADROOM_RATIO: '0' }),
  });
  const program = fileURLToPath(new URL('./heap-app.mjs', import.meta.url));
  const command = [...group.wrapper, process.execPath, '--max-old-space-size=2048', ...execArgv, program];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: { PATH: process.env['PATH'], BENCH_HEAP_MIB: String(heapMib), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    const client = controlClient(directory);
    await untilHealthy(client, isOver);
    const response = await capture(client, isOver).catch(() => null);
    // The kernel needs a moment to kill.
    if (response === null) await Promise.race([closed, delay(5_000)]);
    return {
      isKilled: child.signalCode === 'SIGKILL',
      grantedKind: response?.verdict.grantedKind ?? null,
      hasProfile: (response?.operation?.artifacts ?? []).some(
        ({ kind, sizeBytes }) => kind === 'heap-profile' && sizeBytes > 0,
      ),
    };
  } finally {
    if (!isOver() && child.kill('SIGKILL')) await closed;
    group.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function untilHealthy(client: ControlClient, isOver: () => boolean): Promise<void> {
  for (;;) {
    if (isOver()) throw new Error('the app ended before it was asked for anything');
    const health = await client.health().catch(() => null);
    if ((health as { mainThread?: { responsive: boolean } } | null)?.mainThread?.responsive === true) return;
    await delay(50);
  }
}

async function capture(client: ControlClient, isOver: () => boolean): Promise<CaptureResponse | null> {
  const captureId = 'bench-0001';
  const started = await client.capture({
    action: 'capture',
    captureId,
    kind: 'heap-snapshot',
    alertFingerprint: null,
    profileDurationMs: 1_000,
  });
  if (started.operation?.state !== 'running') return started;
  const stopWaiting = new AbortController();
  const watching = setInterval(() => isOver() && stopWaiting.abort(), 100);
  try {
    return await client.waitUntilDone(captureId, { pollIntervalMs: 100, signal: stopWaiting.signal });
  } finally {
    clearInterval(watching);
  }
}
