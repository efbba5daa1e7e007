import { describeError, type AlertEvent } from '@heapfloor/contract';
import type { FloorRuleEvaluator, RuleTransition } from '@heapfloor/mixin/evaluator';
import type { LogEvent } from '../log.ts';
import type { InstanceReading } from './instance-reading.ts';

/** The rule on metrics that come straight from the apps; its alerts take the same way as a webhook's. */
export interface EmbeddedRule {
  observe(readings: readonly InstanceReading[], receivedAt: Date): Promise<void>;
  /** To be called now and then: silent instances end their alerts, alerts that could not be admitted are tried again. */
  expire(now: Date): Promise<void>;
}

export interface EmbeddedRuleDependencies {
  readonly evaluator: Pick<FloorRuleEvaluator, 'observe' | 'expire'>;
  readonly admit: (event: AlertEvent) => Promise<unknown>;
  readonly logEvent: LogEvent;
}

export function createEmbeddedRule({ evaluator, admit, logEvent }: EmbeddedRuleDependencies): EmbeddedRule {
  /** The evaluator tells a transition once; while the store is full or fails, it waits here. */
  const pending: AlertEvent[] = [];
  let delivery = Promise.resolve();

  async function deliver(): Promise<void> {
    const waiting = new Set<string>();
    for (const event of pending.splice(0)) {
      const { fingerprint } = event;
      try {
        // Behind one that waits, a later notice of the same alert waits too.
        if (!waiting.has(fingerprint)) {
          await admit(event);
          continue;
        }
      } catch (error) {
        waiting.add(fingerprint);
        logEvent('warn', 'embedded-alert-waits', { fingerprint, error: describeError(error) });
      }
      pending.push(event);
    }
  }

  /** One after the other, so that a resolved notice never overtakes its alert. */
  async function deliverInOrder(transitions: readonly RuleTransition[]): Promise<void> {
    pending.push(...transitions.map(toAlertEvent));
    delivery = delivery.then(deliver);
    await delivery;
  }

  return {
    async observe(readings, receivedAt) {
      const transitions = readings.flatMap(({ job, instance, breach, floorRatio }) => {
        if (breach === null || floorRatio === null) return [];
        // By this receiver's clock: expire() compares with it.
        return evaluator.observe({ labels: { job, instance }, breach, floorRatio, at: receivedAt }) ?? [];
      });
      await deliverInOrder(transitions);
    },
    async expire(now) {
      await deliverInOrder(evaluator.expire(now));
    },
  };
}

function toAlertEvent(transition: RuleTransition): AlertEvent {
  const { status, labels, annotations, fingerprint, startsAt, endsAt, floorRatio } = transition;
  return {
    source: 'embedded',
    status,
    alertname: labels['alertname'] ?? '',
    labels: { ...labels },
    annotations: { ...annotations },
    startsAt,
    endsAt,
    fingerprint,
    floorRatio,
  };
}
