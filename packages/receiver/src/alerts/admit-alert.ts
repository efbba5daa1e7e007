import { episodeKey, type AlertEvent, type CaptureKind, type CaptureRecord } from '@heapfloor/contract';
import { ReceiverError } from '../errors.ts';
import type { InstanceRegistry } from '../instances/instance-registry.ts';
import { createRecord, describeAlert } from '../jobs/create-record.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { withEntry } from '../jobs/record-changes.ts';
import type { LogEvent } from '../log.ts';
import type { TargetRegistry } from '../targets/target-registry.ts';
import { matchTargets, type Target } from '../targets/target.ts';
import { decide, type Decision, type DecisionPolicy, type IgnoreReason } from './decide.ts';

/** What became of one alert. */
export type Admission =
  | { readonly outcome: 'accepted'; readonly captureId: string }
  | { readonly outcome: 'duplicate'; readonly captureId: string }
  | { readonly outcome: 'ignored'; readonly reason: IgnoreReason; readonly captureId?: string };

export interface AdmissionDependencies {
  readonly store: JobStore;
  readonly targets: TargetRegistry;
  readonly instances: InstanceRegistry;
  readonly policy: DecisionPolicy & { readonly requestedKind: CaptureKind; readonly cooldownMs: number };
  readonly clock: () => Date;
  readonly logEvent: LogEvent;
  /** Called when there is a new job. */
  readonly onEnqueued: () => void;
}

export type AdmitAlert = (event: AlertEvent) => Promise<Admission>;

/** Reads what deciding needs, decides, and writes the decision down before it returns. */
export function createAlertAdmission(dependencies: AdmissionDependencies): AdmitAlert {
  const { logEvent } = dependencies;
  return async (event) => {
    const admission = await admit(event, dependencies);
    const { source, status, alertname, fingerprint, labels } = event;
    const level = admission.outcome === 'ignored' && admission.reason !== 'resolved' ? 'warn' : 'info';
    logEvent(level, 'alert', {
      source,
      status,
      alertname,
      fingerprint,
      instance: labels['instance'],
      ...admission,
    });
    return admission;
  };
}

async function admit(event: AlertEvent, dependencies: AdmissionDependencies): Promise<Admission> {
  const { store, targets, policy, clock } = dependencies;
  const now = clock();
  const matching = matchTargets(await targets.list(), event.labels);
  const episode = await store.findByEpisode(episodeKey(event));
  const [target] = matching;
  const state = {
    now,
    targets: matching,
    episodeCapture: episode === null ? null : { id: episode.id, isResolved: isResolved(episode) },
    cooldown: target === undefined ? null : await store.findCooldown(target.instance, now),
    openJobCount: await store.countOpen(),
  };
  return carryOut(decide(event, state, policy), event, dependencies);
}

function isResolved(record: CaptureRecord): boolean {
  return record.timeline.some((entry) => entry.event === 'resolved');
}

async function carryOut(
  decision: Decision,
  event: AlertEvent,
  dependencies: AdmissionDependencies,
): Promise<Admission> {
  const { store, clock } = dependencies;
  switch (decision.action) {
    case 'overload':
      throw new ReceiverError(
        'RECEIVER_OVERLOADED',
        `${dependencies.policy.maxOpenJobs} captures are open. Try again later; Alertmanager does by itself.`,
      );
    case 'duplicate':
      return { outcome: 'duplicate', captureId: decision.captureId };
    case 'annotate':
      await store.update(decision.captureId, (record) =>
        withEntry(record, clock(), ['resolved', decision.detail]),
      );
      return { outcome: 'ignored', reason: 'resolved', captureId: decision.captureId };
    case 'join':
      return join(decision.captureId, event, dependencies);
    case 'capture':
      return enqueue(decision.target, event, dependencies);
    case 'ignore':
    default:
      return { outcome: 'ignored', reason: decision.reason };
  }
}

async function join(
  captureId: string,
  event: AlertEvent,
  { store, clock }: AdmissionDependencies,
): Promise<Admission> {
  await store.joinEpisode(episodeKey(event), captureId);
  const detail = `${describeAlert(event)} The same incident: no second capture.`;
  await store.update(captureId, (record) => withEntry(record, clock(), ['alert', detail]));
  return { outcome: 'duplicate', captureId };
}

async function enqueue(
  target: Target,
  event: AlertEvent,
  { store, instances, policy, clock, onEnqueued }: AdmissionDependencies,
): Promise<Admission> {
  const now = clock();
  const instance = event.labels['instance'] ?? target.instance;
  const record = createRecord({
    event,
    target,
    requestedKind: policy.requestedKind,
    floorSamples: instances.samples({ instance }),
    version: instances.find({ instance })?.version ?? null,
    now,
  });
  const enqueued = await store.enqueue({
    record,
    episodeKey: episodeKey(event),
    cooldownKey: target.instance,
    cooldownMs: policy.cooldownMs,
    now,
  });
  // Between deciding and writing another request may have been faster; the store has the last word.
  if (enqueued.outcome === 'duplicate') return { outcome: 'duplicate', captureId: enqueued.captureId };
  if (enqueued.outcome === 'cooldown')
    return { outcome: 'ignored', reason: 'cooldown', captureId: enqueued.captureId };
  onEnqueued();
  return { outcome: 'accepted', captureId: record.id };
}
