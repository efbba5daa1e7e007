import { describe, expect, test } from 'vitest';
import { buildGuard } from '../capture-record.fixture.ts';
import { MIB } from '../leak-report.fixture.ts';
import { formatNamedNumber, guardBalance, guardWords } from './guard-words.ts';

describe('the balance of a guard', () => {
  test.each([
    ['memory-headroom', { heapUsedBytes: 9, limitBytes: 8, availableBytes: 4, neededBytes: 36 }, 36, 4],
    ['cooldown', { remainingMs: 1, sinceLastAttemptMs: 252_000, cooldownMs: 1_800_000 }, 1_800_000, 252_000],
    ['heap-ceiling', { heapUsedBytes: 800, heapCeilingBytes: 512 }, 512, 800],
    ['free-disk', { neededBytes: 4, diskFreeBytes: 2, predictedFileBytes: 2, freeDiskRatio: 2 }, 4, 2],
    ['event-loop', { eventLoopDelayMs: 3, eventLoopTimeoutMs: 1000 }, 1000, 3],
    ['heap-ceiling', { heapLimitBytes: 800, heapCeilingBytes: 512 }, 512, 800],
    ['artifact-quota', { neededBytes: 9, artifactQuotaBytes: 8, usedBytes: 7, predictedFileBytes: 2 }, 8, 9],
    ['budget', { attemptCount: 3, maxAttemptCount: 3, windowMs: 1 }, 3, 3],
    [
      'pause',
      { predictedPauseMs: 12_000, maxPauseMs: 10_000, probeBudgetMs: 3, pauseMsPerMib: 100 },
      12_000,
      10_000,
    ],
    ['load', { eventLoopUtilizationRatio: 0.97, maxEventLoopUtilizationRatio: 0.95 }, 0.95, 0.97],
    ['stale-alert', { alertAgeMs: 9, alertMaxAgeMs: 8, uptimeMs: 70 }, 8, 9],
    ['warm-up', { uptimeMs: 5, warmUpMs: 60, remainingMs: 55 }, 60, 5],
    ['a-new-one', { freeRatio: 0.1, freeBytes: 1, requiredBytes: 2 }, 2, 1],
  ])('of %s is read from its numbers', (guard, numbers, needs, has) => {
    const balance = guardBalance(buildGuard({ guard, numbers }));
    expect([balance.needs?.value, balance.has?.value]).toEqual([needs, has]);
  });

  test('is unknown without numbers', () => {
    expect(guardBalance(buildGuard({ numbers: {} }))).toEqual({ needs: null, has: null });
  });
});

test.each([
  ['neededBytes', 2743.9 * MIB, '2,743.9\u00a0MiB'],
  ['cooldownMs', 1_800_000, '30\u00a0min'],
  ['ageSeconds', 11, '11\u00a0s'],
  ['usedRatio', 0.41, '41\u00a0%'],
  ['runningCount', 1, '1'],
  ['factor', 5.4321, '5.43'],
])('%s is told in its unit', (name, value, expected) => {
  expect(formatNamedNumber({ name, value })).toBe(expected);
});

test('a guard that the page does not know goes by its name', () => {
  expect(guardWords('fleet-quorum')).toMatchObject({ title: 'fleet quorum', refusal: 'guard fleet quorum' });
  expect(guardWords('constructor').title).toBe('constructor');
});

test.each([
  'kill-switch',
  'kind-enabled',
  'key-scope',
  'single-flight',
  'stale-alert',
  'warm-up',
  'lock-out',
  'cooldown',
  'budget',
  'heap-ceiling',
  'memory-headroom',
  'pause',
  'load',
  'disk-writable',
  'free-disk',
  'artifact-quota',
  'event-loop',
])('%s has words for a person', (guard) => {
  const { title, refusal } = guardWords(guard);
  expect(title).toMatch(/^[A-Z]/);
  expect(refusal).not.toBe(`guard ${guard.replaceAll('-', ' ')}`);
});
