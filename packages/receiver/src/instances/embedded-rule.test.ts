import type { AlertEvent } from '@heapfloor/contract';
import { createFloorRuleEvaluator } from '@heapfloor/mixin/evaluator';
import { describe, expect, it } from 'vitest';
import { createEmbeddedRule, type EmbeddedRule } from './embedded-rule.ts';
import { buildReading, NUMBERS } from './otlp.fixture.ts';

const CALM = { streak: 0, criticalStreak: 0, durationSeconds: 0 };

function at(seconds: number): Date {
  return new Date(NUMBERS.atMs + seconds * 1000);
}

function setUp(failures: Error[] = []): { rule: EmbeddedRule; admitted: AlertEvent[]; events: string[] } {
  const admitted: AlertEvent[] = [];
  const events: string[] = [];
  const rule = createEmbeddedRule({
    evaluator: createFloorRuleEvaluator({ minSpanSeconds: 15, staleAfterMs: 60_000 }),
    admit: async (event) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      admitted.push(event);
    },
    logEvent: (_level, event) => events.push(event),
  });
  return { rule, admitted, events };
}

describe('createEmbeddedRule', () => {
  it('admits an alert when the rule is met and its end when it is not any more', async () => {
    const { rule, admitted } = setUp();
    await rule.observe([buildReading()], at(0));
    await rule.observe([buildReading()], at(15));
    await rule.observe([buildReading({ breach: CALM })], at(30));
    expect(admitted).toMatchObject([
      {
        source: 'embedded',
        status: 'firing',
        alertname: 'NodejsHeapFloorHigh',
        labels: { job: 'shop', instance: 'shop-1' },
        startsAt: at(0).toISOString(),
        endsAt: null,
        floorRatio: 0.8,
      },
      { status: 'resolved', startsAt: at(0).toISOString(), endsAt: at(30).toISOString() },
    ]);
    expect(admitted[0]?.fingerprint).toBe(admitted[1]?.fingerprint);
  });

  it('does not judge a process that counts no streak', async () => {
    const { rule, admitted } = setUp();
    await rule.observe([buildReading({ breach: null })], at(0));
    expect(admitted).toEqual([]);
  });

  it('ends the alert of a process that went silent', async () => {
    const { rule, admitted } = setUp();
    await rule.observe([buildReading()], at(0));
    await rule.expire(at(59));
    expect(admitted).toHaveLength(1);
    await rule.expire(at(60));
    expect(admitted.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  });

  it('keeps an alert that cannot be admitted, and its order, until it can', async () => {
    const { rule, admitted, events } = setUp([new Error('full'), new Error('full')]);
    await rule.observe([buildReading()], at(0));
    await rule.observe([buildReading({ breach: CALM })], at(15));
    expect(admitted).toEqual([]);
    await rule.expire(at(16));
    expect(admitted.map(({ status }) => status)).toEqual(['firing', 'resolved']);
    expect(events).toEqual(['embedded-alert-waits', 'embedded-alert-waits']);
  });
});
