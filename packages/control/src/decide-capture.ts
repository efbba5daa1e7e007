import {
  CAPTURE_FALLBACKS,
  type CaptureCommand,
  type CaptureKind,
  type Verdict,
  type VerdictStep,
} from '@heapfloor/contract';
import { artifactQuota } from './guards/artifact-quota.ts';
import { budget } from './guards/budget.ts';
import { cooldown } from './guards/cooldown.ts';
import { diskWritable } from './guards/disk-writable.ts';
import { freeDisk } from './guards/free-disk.ts';
import { SNAPSHOT_KINDS, type Guard, type GuardInput } from './guards/guard.ts';
import { heapCeiling } from './guards/heap-ceiling.ts';
import { keyScope } from './guards/key-scope.ts';
import { killSwitch } from './guards/kill-switch.ts';
import { kindEnabled } from './guards/kind-enabled.ts';
import { load } from './guards/load.ts';
import { lockOut } from './guards/lock-out.ts';
import { memoryHeadroom } from './guards/memory-headroom.ts';
import { planPause } from './guards/pause-plan.ts';
import { pause } from './guards/pause.ts';
import { capitalize, durationText, kindText, uncapitalize } from './guards/quantity-text.ts';
import { singleFlight } from './guards/single-flight.ts';
import { staleAlert } from './guards/stale-alert.ts';
import { warmUp } from './guards/warm-up.ts';

/** In the order of evaluation: admission, budget, feasibility. The first that refuses is named in the explanation. */
const GUARDS: readonly Guard[] = [
  killSwitch,
  kindEnabled,
  keyScope,
  staleAlert,
  warmUp,
  lockOut,
  singleFlight,
  cooldown,
  budget,
  heapCeiling,
  memoryHeadroom,
  pause,
  load,
  diskWritable,
  freeDisk,
  artifactQuota,
];

/**
 * What can have changed between the two snapshots of one operation. Not the load: the first one's own pause would count
 * as a busy loop.
 */
const REPEATED_GUARDS: readonly Guard[] = [
  killSwitch,
  heapCeiling,
  memoryHeadroom,
  pause,
  diskWritable,
  freeDisk,
  artifactQuota,
];

/** Climbs down the ladder from the requested rung to the first one that every guard allows. */
export function decideCapture(
  command: Pick<CaptureCommand, 'kind' | 'dryRun'>,
  situation: Omit<GuardInput, 'kind'>,
): Verdict {
  const { facts, policy } = situation;
  const requested = judgeRung({ ...situation, kind: command.kind });
  const steps = [requested];
  for (const kind of CAPTURE_FALLBACKS[command.kind]) {
    if (steps.at(-1)?.outcome === 'allowed') break;
    steps.push(judgeRung({ ...situation, kind }));
  }
  const grantedKind = steps.find(({ outcome }) => outcome === 'allowed')?.kind ?? null;
  return {
    requestedKind: command.kind,
    grantedKind,
    outcome: grantedKind === null ? 'refused' : grantedKind === command.kind ? 'allowed' : 'downgraded',
    dryRun: command.dryRun,
    instance: policy.instance,
    evaluatedAt: new Date(facts.nowMs).toISOString(),
    steps,
    explanation:
      grantedKind === command.kind ? explainGrant(requested) : explainDowngrade(steps, grantedKind),
  };
}

/** Before the second snapshot of a pair. A step that drains is for an instance that is out of service already. */
export function judgeNextSnapshot(situation: Omit<GuardInput, 'kind'>): VerdictStep {
  return judgeRung({ ...situation, kind: 'heap-snapshot' }, REPEATED_GUARDS);
}

/** Every guard is asked, also behind a refusal: one answer then names all obstacles. */
function judgeRung(input: GuardInput, asked: readonly Guard[] = GUARDS): VerdictStep {
  const guards = asked.map((guard) => guard(input)).filter((result) => result !== null);
  const isAllowed = guards.every(({ outcome }) => outcome === 'allowed');
  const drains = isAllowed && SNAPSHOT_KINDS.includes(input.kind) && planPause(input).needsDrain;
  return { kind: input.kind, outcome: isAllowed ? 'allowed' : 'refused', guards, drains };
}

/** When time alone will have helped; null when it will not. */
export function stepRetryAt({ guards }: VerdictStep): string | null {
  const ends = guards
    .filter(({ outcome }) => outcome === 'refused')
    .map(({ retryAt }) => (retryAt === null ? NaN : Date.parse(retryAt)));
  const lastMs = Math.max(...ends);
  return Number.isFinite(lastMs) ? new Date(lastMs).toISOString() : null;
}

/** `Heap snapshot refused: needs 3,276.8 MiB free, 31.6 MiB is there.` */
export function explainRefusal(step: VerdictStep): string {
  const deciding = step.guards.find(({ outcome }) => outcome === 'refused');
  const reason = uncapitalize(deciding?.reason ?? '').replace(/\.$/, '');
  const retryAt = stepRetryAt(step);
  const retry = retryAt === null ? '' : `; may be tried again at ${retryAt}`;
  return `${capitalize(kindText(step.kind))} refused: ${reason}${retry}.`;
}

function explainGrant({ kind, guards, drains }: VerdictStep): string {
  const headroom = guards.find(({ guard }) => guard === 'memory-headroom')?.reason ?? '';
  const grant = `${capitalize(kindText(kind))} allowed: ${uncapitalize(headroom)}`;
  if (!drains) return grant;
  const pauseMs =
    guards.map(({ numbers }) => numbers['predictedPauseMs']).find((ms) => ms !== undefined) ?? 0;
  return `${grant} The instance is drained first, for a pause of about ${durationText(pauseMs)}.`;
}

function explainDowngrade(
  [requested, ...below]: readonly VerdictStep[],
  granted: CaptureKind | null,
): string {
  if (requested === undefined) return '';
  const also = below
    .filter(({ outcome }) => outcome === 'refused')
    .map(
      ({ kind, guards }) =>
        `${kindText(kind)} (${guards.find(({ outcome }) => outcome === 'refused')?.guard})`,
    );
  const result = granted === null ? 'Nothing was captured' : `A ${kindText(granted)} was allowed instead`;
  const others = also.length === 0 ? '' : `; refused too: ${also.join(', ')}`;
  return `${explainRefusal(requested)} ${result}${others}.`;
}
