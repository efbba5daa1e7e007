import { describe, expect, it, vi } from 'vitest';
import { floorHistories, isFiringAt, LOOKBACK_SECONDS } from './alerts/floor-histories.ts';
import { HISTORY_LABELS } from './alerts/rule-tests.ts';
import { createFloorRuleEvaluator, type FloorObservation, type RuleTransition } from './evaluator.ts';

const INTERVAL_SECONDS = 15;
const START = Date.parse('2026-01-01T00:00:00Z');
const MET = { streak: 2, criticalStreak: 0, durationSeconds: INTERVAL_SECONDS };
const CALM = { streak: 0, criticalStreak: 0, durationSeconds: 0 };

function evaluator(maxInstances?: number) {
  return createFloorRuleEvaluator({
    minSpanSeconds: INTERVAL_SECONDS,
    staleAfterMs: LOOKBACK_SECONDS * 1000,
    ...(maxInstances === undefined ? {} : { maxInstances }),
  });
}

function observation(over: Partial<FloorObservation> = {}): FloorObservation {
  return { labels: HISTORY_LABELS, breach: MET, floorRatio: 0.8125, at: new Date(START), ...over };
}

function forbidden(): never {
  throw new Error('must not be loaded');
}

const at = (seconds: number): Date => new Date(START + seconds * 1000);

describe('createFloorRuleEvaluator', () => {
  it.each(floorHistories(INTERVAL_SECONDS))('$name', ({ samples, exact }) => {
    const { observe, expire } = evaluator();
    let isFiring = false;
    const seen = samples.map((sample, tick) => {
      const now = at(tick * INTERVAL_SECONDS);
      const observed =
        sample === null
          ? null
          : observe(observation({ breach: sample.breach, floorRatio: sample.ratio, at: now }));
      for (const each of [observed, ...expire(now)]) {
        if (each === null) continue;
        // Two transitions in one direction would be two alerts.
        expect(each.status).toBe(isFiring ? 'resolved' : 'firing');
        isFiring = each.status === 'firing';
      }
      return isFiring;
    });
    expect(seen).toEqual(samples.map((_, tick) => isFiringAt(exact, tick)));
  });

  it('describes the alert as the generated rule does', () => {
    expect(evaluator().observe(observation())).toEqual({
      status: 'firing',
      labels: { ...HISTORY_LABELS, alertname: 'NodejsHeapFloorHigh', severity: 'warning' },
      annotations: {
        summary: 'Node.js heap floor is above 75 % of the old-space limit.',
        description:
          '7d0c3a52 of shop/checkout still uses 81.25% of its old-space limit after major garbage collections, ' +
          'on 2 consecutive samples: it leaks, or its limit is too small.',
        runbook_url:
          'https://github.com/heapfloor/heapfloor/blob/main/packages/mixin/runbooks/nodejs-heap-floor-high.md',
        floor_ratio: '0.8125',
      },
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: null,
      floorRatio: 0.8125,
    } satisfies Record<keyof RuleTransition, unknown>);
  });

  it('keeps fingerprint and startsAt from firing to resolved, and says what the alert was about', () => {
    const { observe } = evaluator();
    const firing = observe(observation());
    observe(observation({ floorRatio: 0.9, at: at(15) }));
    const resolved = observe(observation({ breach: CALM, floorRatio: 0.3, at: at(30) }));
    expect(resolved).toMatchObject({
      status: 'resolved',
      fingerprint: firing?.fingerprint,
      startsAt: firing?.startsAt,
      endsAt: '2026-01-01T00:00:30.000Z',
      floorRatio: 0.9,
      annotations: { floor_ratio: '0.9000' },
    });
  });

  it('keeps instances apart by any of their labels, whatever their order', () => {
    const { observe } = evaluator();
    expect(observe(observation({ labels: { job: 'a', instance: '1' } }))?.status).toBe('firing');
    expect(observe(observation({ labels: { instance: '1', job: 'a' } }))).toBeNull();
    expect(observe(observation({ labels: { job: 'a', instance: '1', thread: '2' } }))?.status).toBe('firing');
  });

  it('ignores an observation that is older than the last one', () => {
    const { observe } = evaluator();
    observe(observation({ breach: CALM, at: at(30) }));
    expect(observe(observation({ at: at(15) }))).toBeNull();
    expect(observe(observation({ at: at(45) }))?.status).toBe('firing');
  });

  it('forgets the calm instance that is silent for longest when there are too many', () => {
    const { observe } = evaluator(2);
    observe(observation({ labels: { instance: 'calm' }, breach: CALM, at: at(20) }));
    observe(observation({ labels: { instance: 'firing' } }));
    observe(observation({ labels: { instance: 'new' }, breach: CALM }));
    // 'calm' was forgotten and may come again, even with an older time; 'firing' still fires.
    expect(observe(observation({ labels: { instance: 'calm' }, at: at(10) }))?.status).toBe('firing');
    expect(observe(observation({ labels: { instance: 'firing' }, at: at(1) }))).toBeNull();
  });

  it('refuses and counts new instances when all that it may hold are firing', () => {
    const full = evaluator(1);
    full.observe(observation({ labels: { instance: 'a' } }));
    expect(full.observe(observation({ labels: { instance: 'b' } }))).toBeNull();
    expect(full.refusedCount).toBe(1);
    expect(full.expire(at(LOOKBACK_SECONDS)).map(({ labels }) => labels['instance'])).toEqual(['a']);
    expect(full.observe(observation({ labels: { instance: 'b' } }))?.status).toBe('firing');
  });

  it.each(['minSpanSeconds', 'staleAfterMs', 'maxInstances'])('refuses %s of 0', (name) => {
    const options = { minSpanSeconds: 15, staleAfterMs: 1000, [name]: 0 };
    expect(() => createFloorRuleEvaluator(options)).toThrow(`${name} is 0; give a number above 0`);
  });

  it('loads no YAML and no schema library', async () => {
    vi.resetModules();
    vi.doMock('yaml', forbidden);
    vi.doMock('zod', forbidden);
    await expect(import('./evaluator.ts')).resolves.toHaveProperty('createFloorRuleEvaluator');
    // The proof that the trap works.
    await expect(import('./rule-file.ts')).rejects.toThrow('vi.mock');
    vi.doUnmock('yaml');
    vi.doUnmock('zod');
  });
});
