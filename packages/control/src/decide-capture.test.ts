import { readFileSync } from 'node:fs';
import { CAPTURE_KINDS, type CaptureKind, type GuardResult, type Verdict } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { decideCapture, judgeNextSnapshot, stepRetryAt } from './decide-capture.ts';
import { SNAPSHOT_KINDS, type CaptureAttempt, type GuardInput } from './guards/guard.ts';
import { buildSituation, MIB, NOW_MS, type Situation } from './testing/build-situation.fixture.ts';

function decide(situation: Situation, kind: CaptureKind = 'heap-snapshot'): Verdict {
  return decideCapture({ kind, dryRun: false }, buildSituation(situation));
}

function guardOf(verdict: Verdict, name: string): GuardResult {
  const result = verdict.steps[0]?.guards.find(({ guard }) => guard === name);
  if (result === undefined) throw new Error(`${name} was not asked`);
  return result;
}

function attempt(agoMs: number, change: Partial<CaptureAttempt> = {}): CaptureAttempt {
  return { kind: 'heap-snapshot', startedAtMs: NOW_MS - agoMs, instance: 'app-1', ...change };
}

/** Beyond the cooldown. */
const OLD_MS = 3_600_000;
const DAY_MS = 24 * OLD_MS;
const memory = (availableBytes: number): GuardInput['facts']['memory'] => ({
  availableBytes,
  limitBytes: null,
  source: 'free memory',
});
const disk = (change: Partial<GuardInput['facts']['disk']>): GuardInput['facts']['disk'] => ({
  freeBytes: 10_000 * MIB,
  usedBytes: 0,
  problem: null,
  ...change,
});
const learned = { captureCount: 1, headroomRatio: 2, pauseMsPerMib: 20, fileRatio: 1 };
/** 100 MiB, cold: 10 s of pause. */
const drained = { isConfigured: true, answersLiveness: false };
const enough = { memory: memory(1e15) };

describe('decideCapture', () => {
  it('asks every guard in order, and says the deciding numbers', () => {
    const verdict = decide({});
    expect(verdict).toMatchObject({ outcome: 'allowed', grantedKind: 'heap-snapshot' });
    expect(verdict.explanation).toBe('Heap snapshot allowed: needs 1,000.0 MiB free, 2,000.0 MiB is there.');
    expect(verdict.steps[0]?.guards.map(({ guard }) => guard)).toEqual([
      'kill-switch',
      'kind-enabled',
      'key-scope',
      'stale-alert',
      'warm-up',
      'lock-out',
      'single-flight',
      'cooldown',
      'budget',
      'heap-ceiling',
      'memory-headroom',
      'pause',
      'load',
      'disk-writable',
      'free-disk',
      'artifact-quota',
    ]);
  });

  it('asks those that the README has, in its order', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const table = /^## Guards$(.*?)^## /msu.exec(readme)?.[1] ?? '';
    const documented = Array.from(table.matchAll(/^\| `([a-z-]+)` \|/gmu), ([, name]) => name);
    expect(decide({}).steps[0]?.guards.map(({ guard }) => guard)).toEqual(documented);
  });

  const running = { captureId: 'other-001', kind: 'heap-profile', startedAtMs: NOW_MS - 1000 } as const;
  const lockout = { kind: 'heap-snapshot', sinceMs: NOW_MS - 5000, captureId: 'fatal-001' } as const;
  const busy = { eventLoopUtilizationRatio: 0.951 };
  const REPORT = 'diagnostic-report';
  const refusing: readonly [
    guard: string,
    name: string,
    situation: Situation,
    granted: CaptureKind | null,
  ][] = [
    ['kill-switch', 'for all kinds', { facts: { killSwitch: 'file /etc/off' } }, null],
    ['kind-enabled', 'a kind that is off', { policy: { enabledKinds: ['heap-profile'] } }, 'heap-profile'],
    ['key-scope', 'beyond the key', { request: { keyKinds: ['metrics-summary'] } }, 'metrics-summary'],
    ['stale-alert', 'an old alert', { request: { alertStartsAtMs: NOW_MS - 900_001 } }, null],
    [
      'stale-alert',
      'an alert of an earlier process',
      { request: { alertStartsAtMs: NOW_MS - 600_001 }, facts: { uptimeMs: 600_000 } },
      null,
    ],
    ['warm-up', 'a young process', { facts: { uptimeMs: 59_999 } }, REPORT],
    ['lock-out', 'a kind that killed', { state: { lockouts: [lockout] } }, 'heap-profile'],
    ['single-flight', 'a second capture', { state: { running } }, null],
    ['cooldown', 'too soon', { state: { attempts: [attempt(1_799_999)] } }, 'heap-profile'],
    [
      'budget',
      'the fourth attempt of a service',
      { state: { attempts: [attempt(DAY_MS - 1), attempt(OLD_MS), attempt(0, { instance: 'app-2' })] } },
      'heap-profile',
    ],
    [
      'heap-ceiling',
      'a larger heap',
      { facts: { ...enough, heapUsedBytes: 512 * MIB + 1 }, policy: { maxPauseMs: 1e9 } },
      'heap-profile',
    ],
    ['memory-headroom', 'a byte too few', { facts: { memory: memory(1_000 * MIB - 1) } }, 'heap-profile'],
    ['pause', 'a longer pause', { policy: { maxPauseMs: 9_999 } }, 'heap-profile'],
    ['pause', 'half the probe budget', { policy: { probeBudgetMs: 19_999 } }, 'heap-profile'],
    [
      'pause',
      'half the probe budget also when drained',
      { policy: { probeBudgetMs: 19_999 }, facts: { drain: drained } },
      'heap-profile',
    ],
    [
      'pause',
      'a longer pause than a drained instance may have',
      { policy: { maxPauseMs: 0, maxDrainedPauseMs: 9_999 }, facts: { drain: drained } },
      'heap-profile',
    ],
    ['load', 'a busy loop', { facts: busy }, 'heap-profile'],
    ['disk-writable', 'an unwritable disk', { facts: { disk: disk({ problem: 'EROFS' }) } }, null],
    [
      'free-disk',
      'a byte too few of disk',
      { facts: { disk: disk({ freeBytes: 350 * MIB - 1 }) } },
      'heap-profile',
    ],
    [
      'artifact-quota',
      'a byte too many',
      { facts: { disk: disk({ usedBytes: 1873 * MIB + 1 }) } },
      'heap-profile',
    ],
  ];

  it.each(refusing)('%s refuses %s, and the best rung below is taken', (guard, _name, situation, granted) => {
    const verdict = decide(situation);
    const refused = verdict.steps[0]?.guards.filter(({ outcome }) => outcome === 'refused');
    expect(refused?.map((result) => result.guard)).toEqual([guard]);
    expect(verdict.grantedKind).toBe(granted);
    expect(verdict.outcome).toBe(granted === null ? 'refused' : 'downgraded');
    expect(verdict.explanation).toMatch(
      granted === null
        ? /^Heap snapshot refused: .+\. Nothing was captured; refused too: heap sampling profile \(.+\.$/
        : /^Heap snapshot refused: .+\. A .+ was allowed instead(; refused too: .+)?\.$/,
    );
  });

  const allowing: readonly [guard: string, name: string, situation: Situation][] = [
    ['kill-switch', 'without a switch', { facts: { killSwitch: null } }],
    ['kind-enabled', 'an enabled kind', { policy: { enabledKinds: ['heap-snapshot'] } }],
    ['key-scope', 'a kind of the key', { request: { keyKinds: ['heap-snapshot'] } }],
    ['stale-alert', 'an alert of the greatest age', { request: { alertStartsAtMs: NOW_MS - 900_000 } }],
    [
      'stale-alert',
      'an alert as old as the process',
      { request: { alertStartsAtMs: NOW_MS - 600_000 }, facts: { uptimeMs: 600_000 } },
    ],
    ['stale-alert', 'an alert from a clock ahead', { request: { alertStartsAtMs: NOW_MS + 3_600_000 } }],
    ['warm-up', 'a process of that age', { facts: { uptimeMs: 60_000 } }],
    ['lock-out', 'another kind', { state: { lockouts: [{ ...lockout, kind: 'heap-profile' }] } }],
    ['single-flight', 'when nothing runs', { state: { running: null } }],
    ['cooldown', 'at its end', { state: { attempts: [attempt(1_800_000)] } }],
    [
      'cooldown',
      'after an attempt of another instance',
      { state: { attempts: [attempt(1, { instance: 'app-2' })] } },
    ],
    [
      'cooldown',
      'after an attempt at another kind',
      { state: { attempts: [attempt(1, { kind: 'heap-profile' })] } },
    ],
    [
      'budget',
      'when one has left the window',
      { state: { attempts: [attempt(DAY_MS), attempt(OLD_MS), attempt(OLD_MS)] } },
    ],
    [
      'heap-ceiling',
      'a heap of that size',
      { facts: { ...enough, learned: null, heapUsedBytes: 512 * MIB } },
    ],
    [
      'heap-ceiling',
      'a larger heap, drained',
      { facts: { ...enough, drain: drained, heapUsedBytes: 900 * MIB } },
    ],
    ['memory-headroom', 'what fits', { facts: { memory: memory(1_000 * MIB) } }],
    [
      'memory-headroom',
      'with what an earlier snapshot left',
      { facts: { memory: memory(1), reusableBytes: 1_000 * MIB - 1 } },
    ],
    ['pause', 'the longest pause', { policy: { maxPauseMs: 10_000 } }],
    ['pause', 'half the probe budget', { policy: { probeBudgetMs: 20_000 } }],
    [
      'pause',
      'any probe that the control thread answers',
      { policy: { probeBudgetMs: 1 }, facts: { drain: { isConfigured: false, answersLiveness: true } } },
    ],
    [
      'pause',
      'a longer pause, drained',
      { policy: { maxPauseMs: 0, maxDrainedPauseMs: 10_000 }, facts: { drain: drained } },
    ],
    ['load', 'a loop as busy as allowed', { facts: { eventLoopUtilizationRatio: 0.95 } }],
    ['load', 'a loop that nobody knows', { facts: { eventLoopUtilizationRatio: null } }],
    ['disk-writable', 'what can be written', { facts: { disk: disk({ problem: null }) } }],
    ['free-disk', 'what fits', { facts: { disk: disk({ freeBytes: 350 * MIB }) } }],
    ['artifact-quota', 'what fits', { facts: { disk: disk({ usedBytes: 1873 * MIB }) } }],
  ];

  it.each(allowing)('%s allows %s', (guard, _name, situation) => {
    const verdict = decide({ ...situation, policy: { maxPauseMs: 1e9, ...situation.policy } });
    expect(guardOf(verdict, guard).outcome).toBe('allowed');
    expect(verdict.explanation).toMatch(/^Heap snapshot allowed: /);
    expect(verdict.outcome).toBe('allowed');
  });
});

describe('kinds', () => {
  it('a metrics summary needs no enabling', () => {
    expect(decide({ policy: { enabledKinds: [] } }, 'metrics-summary').outcome).toBe('allowed');
  });

  it('what costs nothing is taken during the warm-up, what is heavy is not', () => {
    const allowed = CAPTURE_KINDS.filter(
      (kind) => decide({ facts: { uptimeMs: 0 } }, kind).outcome === 'allowed',
    );
    expect(allowed).toEqual(['metrics-summary', 'diagnostic-report', 'inspector']);
  });

  it('a busy loop refuses what pauses it, and nothing else', () => {
    const refused = CAPTURE_KINDS.filter(
      (kind) => decide({ facts: { eventLoopUtilizationRatio: 1 } }, kind).outcome !== 'allowed',
    );
    expect(refused).toEqual(['allocation-timeline', 'near-heap-limit', 'heap-snapshot']);
  });

  it('an inspector writes no file, so no disk refuses it; and nothing takes its place', () => {
    const full = disk({ freeBytes: 0, usedBytes: 1e15, problem: 'ENOSPC' });
    expect(decide({ facts: { disk: full } }, 'inspector').outcome).toBe('allowed');
    const verdict = decide({ facts: { killSwitch: 'file /etc/off' } }, 'inspector');
    expect(verdict.explanation).toBe(
      'Inspector refused: all captures are switched off by file /etc/off. Nothing was captured.',
    );
  });

  it('a snapshot at the heap limit is predicted at that limit, the way there included, and is never drained', () => {
    const facts = { ...enough, heapLimitBytes: 400 * MIB, drain: drained };
    const verdict = decide({ facts }, 'near-heap-limit');
    // 300 MiB until there, then 400 × 8 × 1.25; at 100 ms per MiB.
    expect(guardOf(verdict, 'memory-headroom').numbers['neededBytes']).toBe(4_300 * MIB);
    expect(guardOf(verdict, 'pause')).toMatchObject({
      outcome: 'refused',
      numbers: { predictedPauseMs: 40_000 },
    });
    expect(guardOf(verdict, 'free-disk').numbers['predictedFileBytes']).toBe(700 * MIB);
    const above = decide({ facts: { ...facts, heapLimitBytes: 513 * MIB } }, 'near-heap-limit');
    expect(guardOf(above, 'heap-ceiling').outcome).toBe('refused');
  });

  it('a worker alone does not stop the service', () => {
    const verdict = decide({ facts: { pausesMain: false }, policy: { maxPauseMs: 0, probeBudgetMs: 1 } });
    expect(verdict.steps[0]?.guards.map(({ guard }) => guard)).not.toContain('pause');
    expect(verdict).toMatchObject({ outcome: 'allowed', steps: [{ drains: false }] });
  });
});

function needsBytes(headroomRatio: number): number | undefined {
  const verdict = decide({ facts: { learned: { ...learned, headroomRatio } } });
  return guardOf(verdict, 'memory-headroom').numbers['neededBytes'];
}

function drains(situation: Situation): boolean | undefined {
  return decide(situation).steps[0]?.drains;
}

describe('what was learned', () => {
  it('counts in full where it is dearer than the cold value, half way where it is cheaper', () => {
    expect(needsBytes(10)).toBe(100 * MIB * 10 * 1.25);
    expect(needsBytes(2)).toBe(100 * MIB * 5 * 1.25);
  });

  it('bounds a heap that has doubled since, with objects as dear as the cold value', () => {
    const doubled = 50 * MIB * 0.2 + 50 * MIB * 8;
    expect(needsBytes(0.2)).toBe(doubled * 1.25);
  });

  it('holds for pause and file alike, and is among the numbers', () => {
    const verdict = decide({ facts: { learned } });
    expect(guardOf(verdict, 'pause').numbers).toEqual({
      predictedPauseMs: 6_000,
      maxPauseMs: 10_000,
      pauseMsPerMib: 60,
      learnedPauseMsPerMib: 20,
      learnedCaptureCount: 1,
    });
    expect(guardOf(verdict, 'free-disk').numbers['predictedFileBytes']).toBe(137.5 * MIB);
    expect(guardOf(verdict, 'memory-headroom').numbers).toMatchObject({
      learnedHeadroomRatio: 2,
      headroomRatio: 5,
    });
  });
});

describe('draining', () => {
  it('happens only for a pause, or a heap, that is too long or large in service', () => {
    expect(drains({ facts: { drain: drained } })).toBe(false);
    expect(drains({ facts: { drain: drained }, policy: { maxPauseMs: 9_999 } })).toBe(true);
    expect(drains({ facts: { drain: drained }, policy: { heapCeilingBytes: 100 * MIB - 1 } })).toBe(true);
    expect(drains({ policy: { maxPauseMs: 9_999 } })).toBe(false);
  });

  it('is said, with the pause', () => {
    const verdict = decide({ facts: { drain: drained }, policy: { maxPauseMs: 9_999 } });
    expect(verdict.explanation).toBe(
      'Heap snapshot allowed: needs 1,000.0 MiB free, 2,000.0 MiB is there. The instance is drained first, for a pause of about 10.0 s.',
    );
  });
});

describe('when to try again', () => {
  it('names the end of a cooldown', () => {
    const verdict = decide({ state: { attempts: [attempt(800_000)] } });
    expect(guardOf(verdict, 'cooldown')).toMatchObject({
      retryAt: '2026-11-24T10:16:40.000Z',
      numbers: { remainingMs: 1_000_000 },
    });
    expect(verdict.explanation).toBe(
      'Heap snapshot refused: cooldown of 30.0 min is not over, the last attempt was 13.3 min ago; may be tried again at 2026-11-24T10:16:40.000Z. A heap sampling profile was allowed instead.',
    );
  });

  it('names the end of the warm-up', () => {
    const verdict = decide({ facts: { uptimeMs: 50_000 } });
    expect(guardOf(verdict, 'warm-up').retryAt).toBe('2026-11-24T10:00:10.000Z');
  });

  it('names when enough attempts have left the window of the budget', () => {
    const attempts = [7, 4, 3, 2].map((hours) => attempt(hours * OLD_MS));
    const verdict = decide({ state: { attempts } });
    // Four within the day: that of four hours ago has to leave too.
    expect(guardOf(verdict, 'budget')).toMatchObject({
      retryAt: '2026-11-25T06:00:00.000Z',
      numbers: { attemptCount: 4, maxAttemptCount: 3 },
    });
  });

  it('names nothing when something else than time is missing too', () => {
    const situation = { state: { attempts: [attempt(800_000)] }, facts: { memory: memory(0) } };
    const step = decide(situation).steps[0];
    expect(step && stepRetryAt(step)).toBeNull();
    expect(decide(situation).explanation).not.toContain('tried again');
  });

  it('names no date for a budget of none', () => {
    const none = [{ kinds: SNAPSHOT_KINDS, maxCount: 0, windowMs: DAY_MS }];
    expect(guardOf(decide({ policy: { budgets: none } }), 'budget')).toMatchObject({
      outcome: 'refused',
      retryAt: null,
      reason: 'The budget allows no attempt at all.',
    });
  });

  it('names no date for a cooldown that is meant to last for ever', () => {
    const cooldownMs = { ...buildSituation({}).policy.cooldownMs, 'heap-snapshot': Number.MAX_SAFE_INTEGER };
    const verdict = decide({ policy: { cooldownMs }, state: { attempts: [attempt(OLD_MS)] } });
    expect(guardOf(verdict, 'cooldown')).toMatchObject({ outcome: 'refused', retryAt: null });
  });

  it('takes an attempt from the future, before the clock was set back, as one of now', () => {
    const verdict = decide({
      state: { attempts: [attempt(-DAY_MS), attempt(-1), attempt(-2)] },
    });
    expect(guardOf(verdict, 'cooldown').retryAt).toBe('2026-11-24T10:30:00.000Z');
    expect(guardOf(verdict, 'budget').retryAt).toBe('2026-11-25T10:00:00.000Z');
  });

  it('says how a lock-out is reset', () => {
    const lockouts = [{ kind: 'heap-snapshot', sinceMs: NOW_MS - 5000, captureId: 'fatal-001' }] as const;
    expect(guardOf(decide({ state: { lockouts } }), 'lock-out').reason).toBe(
      'A process died during capture fatal-001, which began 5,000 ms ago; find out why, then run heapfloor capture <target> --reset heap-snapshot.',
    );
  });
});

describe('judgeNextSnapshot', () => {
  it('judges a second snapshot by what can have changed, not by the load that the first one made', () => {
    const step = judgeNextSnapshot(
      buildSituation({
        facts: { heapUsedBytes: 201 * MIB, eventLoopUtilizationRatio: 1 },
        policy: { maxPauseMs: 60_000 },
        state: { running: { captureId: 'this-0001', kind: 'heap-snapshot', startedAtMs: NOW_MS } },
      }),
    );
    expect(step.guards.map(({ guard }) => guard)).toEqual([
      'kill-switch',
      'heap-ceiling',
      'memory-headroom',
      'pause',
      'disk-writable',
      'free-disk',
      'artifact-quota',
    ]);
    const refused = step.guards.filter(({ outcome }) => outcome === 'refused').map(({ guard }) => guard);
    expect(refused).toEqual(['memory-headroom']);
  });
});
