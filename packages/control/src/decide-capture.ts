import {
  CAPTURE_KINDS,
  type CaptureCommand,
  type CaptureKind,
  type Verdict,
  type VerdictStep,
} from '@heapfloor/contract';
import { cooldown } from './guards/cooldown.ts';
import { eventLoop } from './guards/event-loop.ts';
import { freeDisk } from './guards/free-disk.ts';
import type { Guard, GuardInput } from './guards/guard.ts';
import { heapCeiling } from './guards/heap-ceiling.ts';
import { kindEnabled } from './guards/kind-enabled.ts';
import { memoryHeadroom } from './guards/memory-headroom.ts';
import { capitalize, kindText, uncapitalize } from './guards/quantity-text.ts';
import { singleFlight } from './guards/single-flight.ts';

/** In the order of evaluation: admission, budget, feasibility. */
const GUARDS: readonly Guard[] = [
  kindEnabled,
  singleFlight,
  cooldown,
  heapCeiling,
  memoryHeadroom,
  freeDisk,
  eventLoop,
];

/** Climbs down the ladder from the requested rung to the first one that every guard allows. */
export function decideCapture(
  command: Pick<CaptureCommand, 'kind' | 'dryRun'>,
  { facts, policy, state }: Omit<GuardInput, 'kind'>,
): Verdict {
  const rungs = CAPTURE_KINDS.slice(0, CAPTURE_KINDS.indexOf(command.kind) + 1).toReversed();
  const steps: VerdictStep[] = [];
  for (const kind of rungs) {
    steps.push(judgeRung({ kind, facts, policy, state }));
    if (steps.at(-1)?.outcome === 'allowed') break;
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
    explanation: explain(steps, grantedKind),
  };
}

/** Every guard is asked, also behind a refusal: one answer then names all obstacles. */
function judgeRung(input: GuardInput, asked: readonly Guard[] = GUARDS): VerdictStep {
  const guards = asked.map((guard) => guard(input)).filter((result) => result !== null);
  const isAllowed = guards.every(({ outcome }) => outcome === 'allowed');
  return { kind: input.kind, outcome: isAllowed ? 'allowed' : 'refused', guards };
}

/** What can have changed between the two snapshots of one operation. */
export function judgeNextSnapshot(input: Omit<GuardInput, 'kind'>): VerdictStep {
  const repeated: readonly Guard[] = [heapCeiling, memoryHeadroom, freeDisk, eventLoop];
  return judgeRung({ ...input, kind: 'heap-snapshot' }, repeated);
}

/** `Heap snapshot refused: needs 3,276.8 MiB free, 31.6 MiB is there.` */
export function explainRefusal({ kind, guards }: VerdictStep): string {
  const deciding = guards.find(({ outcome }) => outcome === 'refused');
  return `${capitalize(kindText(kind))} refused: ${uncapitalize(deciding?.reason ?? '')}`;
}

function explain(steps: readonly VerdictStep[], grantedKind: CaptureKind | null): string {
  const refusals = steps.filter(({ outcome }) => outcome === 'refused').map(explainRefusal);
  if (grantedKind === null) return [...refusals, 'Nothing was captured.'].join(' ');
  if (refusals.length > 0) {
    return [...refusals, `A ${kindText(grantedKind)} was allowed instead.`].join(' ');
  }
  const headroom = steps[0]?.guards.find(({ guard }) => guard === 'memory-headroom');
  return `${capitalize(kindText(grantedKind))} allowed: ${uncapitalize(headroom?.reason ?? '')}`;
}
