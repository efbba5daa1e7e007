import type { CaptureKind } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { decideCapture, judgeNextSnapshot } from './decide-capture.ts';
import type { CaptureFacts, CapturePolicy, CaptureState } from './guards/guard.ts';

const MIB = 2 ** 20;
const NOW_MS = Date.parse('2026-11-24T10:00:00Z');

const policy: CapturePolicy = {
  instance: 'app-1',
  enabledKinds: ['diagnostic-report', 'heap-profile', 'heap-snapshot'],
  cooldownMs: { 'diagnostic-report': 60_000, 'heap-profile': 600_000, 'heap-snapshot': 1_800_000 },
  heapCeilingBytes: 512 * MIB,
  headroomRatio: 8,
  headroomMarginRatio: 1.25,
  freeDiskRatio: 2,
};
/** 100 MiB of heap: 1,000 MiB of headroom and 350 MiB of disk are needed. */
const facts: CaptureFacts = {
  nowMs: NOW_MS,
  heapUsedBytes: 100 * MIB,
  rssBytes: 160 * MIB,
  memory: { availableBytes: 2_000 * MIB, limitBytes: null, source: 'free memory' },
  reusableBytes: 0,
  diskFreeBytes: 10_000 * MIB,
  eventLoopDelayMs: 3,
  eventLoopTimeoutMs: 2_000,
};
const state: CaptureState = { running: null, attempts: [] };

interface Situation {
  readonly facts?: Partial<CaptureFacts>;
  readonly policy?: Partial<CapturePolicy>;
  readonly state?: Partial<CaptureState>;
}

function decide(situation: Situation, kind: CaptureKind = 'heap-snapshot'): ReturnType<typeof decideCapture> {
  return decideCapture(
    { kind, dryRun: false },
    {
      facts: { ...facts, ...situation.facts },
      policy: { ...policy, ...situation.policy },
      state: { ...state, ...situation.state },
    },
  );
}

describe('decideCapture', () => {
  it('allows what every guard allows, and says the deciding numbers', () => {
    const verdict = decide({});
    expect(verdict).toMatchObject({ outcome: 'allowed', grantedKind: 'heap-snapshot' });
    expect(verdict.explanation).toBe('Heap snapshot allowed: needs 1,000.0 MiB free, 2,000.0 MiB is there.');
    expect(verdict.steps[0]?.guards.map(({ guard }) => guard)).toEqual([
      'kind-enabled',
      'single-flight',
      'cooldown',
      'heap-ceiling',
      'memory-headroom',
      'free-disk',
      'event-loop',
    ]);
  });

  const refusing: readonly [string, Situation, CaptureKind | null][] = [
    ['kind-enabled', { policy: { enabledKinds: ['heap-profile'] } }, 'heap-profile'],
    [
      'single-flight',
      { state: { running: { captureId: 'other-001', kind: 'heap-profile', startedAtMs: NOW_MS - 1000 } } },
      null,
    ],
    [
      'cooldown',
      { state: { attempts: [{ kind: 'heap-snapshot', startedAtMs: NOW_MS - 1_799_999 }] } },
      'heap-profile',
    ],
    [
      'heap-ceiling',
      { facts: { heapUsedBytes: 512 * MIB + 1, memory: { ...facts.memory, availableBytes: 1e12 } } },
      'heap-profile',
    ],
    [
      'memory-headroom',
      { facts: { memory: { ...facts.memory, availableBytes: 1_000 * MIB - 1 } } },
      'heap-profile',
    ],
    ['free-disk', { facts: { diskFreeBytes: 350 * MIB - 1 } }, 'heap-profile'],
    ['event-loop', { facts: { eventLoopDelayMs: null } }, 'heap-profile'],
  ];

  it.each(refusing)('refuses by %s and takes the best rung below', (guard, situation, granted) => {
    const verdict = decide(situation);
    const refused = verdict.steps[0]?.guards.filter(({ outcome }) => outcome === 'refused');
    expect(refused?.map((result) => result.guard)).toEqual([guard]);
    expect(verdict.grantedKind).toBe(granted);
    expect(verdict.outcome).toBe(granted === null ? 'refused' : 'downgraded');
  });

  const allowing: readonly [string, Situation][] = [
    ['cooldown', { state: { attempts: [{ kind: 'heap-snapshot', startedAtMs: NOW_MS - 1_800_000 }] } }],
    [
      'heap-ceiling',
      { facts: { heapUsedBytes: 512 * MIB, memory: { ...facts.memory, availableBytes: 1e12 } } },
    ],
    ['memory-headroom', { facts: { memory: { ...facts.memory, availableBytes: 1_000 * MIB } } }],
    ['free-disk', { facts: { diskFreeBytes: 350 * MIB } }],
  ];

  it.each(allowing)('allows by %s exactly at its bound', (_guard, situation) => {
    expect(decide(situation).outcome).toBe('allowed');
  });

  it('says when a cooldown ends, and what was allowed instead', () => {
    const verdict = decide({
      state: { attempts: [{ kind: 'heap-snapshot', startedAtMs: NOW_MS - 800_000 }] },
    });
    expect(verdict.steps[0]?.guards.find(({ guard }) => guard === 'cooldown')).toMatchObject({
      retryAt: '2026-11-24T10:16:40.000Z',
      numbers: { remainingMs: 1_000_000 },
    });
    expect(verdict.explanation).toMatch(
      /^Heap snapshot refused: .* A heap sampling profile was allowed instead\.$/,
    );
  });

  it('judges a second snapshot by what has changed: heap, memory, disk, event loop', () => {
    const running = { captureId: 'this-0001', kind: 'heap-snapshot', startedAtMs: NOW_MS } as const;
    const next = judgeNextSnapshot({
      facts: { ...facts, heapUsedBytes: 201 * MIB },
      policy,
      state: { ...state, running },
    });
    const refused = next.guards.filter(({ outcome }) => outcome === 'refused').map(({ guard }) => guard);
    expect(refused).toEqual(['memory-headroom']);
  });
});
