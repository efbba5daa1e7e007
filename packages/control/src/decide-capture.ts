import {
  CAPTURE_KINDS,
  type CaptureCommand,
  type CaptureKind,
  type Verdict,
  type VerdictStep,
} from '@heapfloor/contract';
import { cooldown } from './guards/cooldown.ts';
import { freeDisk } from './guards/free-disk.ts';
import type { CaptureFacts, Guard } from './guards/guard.ts';
import { heapCeiling } from './guards/heap-ceiling.ts';
import { kindEnabled } from './guards/kind-enabled.ts';
import { memoryHeadroom } from './guards/memory-headroom.ts';
import { singleFlight } from './guards/single-flight.ts';
import type { ControlOptions } from './options.ts';

/** In the order of evaluation: cheap and certain first. */
const GUARDS: readonly Guard[] = [kindEnabled, singleFlight, cooldown, heapCeiling, memoryHeadroom, freeDisk];
/** What can change between two snapshots of one operation. */
const REPEATED_GUARDS: readonly Guard[] = [heapCeiling, memoryHeadroom, freeDisk];

const KIND_TEXT: Readonly<Record<CaptureKind, string>> = {
  'heap-snapshot': 'heap snapshot',
  'heap-profile': 'heap sampling profile',
  'diagnostic-report': 'diagnostic report',
};

/** Walks down the ladder from the requested rung to the first one that every guard allows. Pure. */
export function decideCapture(command: CaptureCommand, facts: CaptureFacts, policy: ControlOptions): Verdict {
  const steps: VerdictStep[] = [];
  for (const kind of rungsFrom(command.kind)) {
    const step = judge(kind, { facts, policy, snapshotCount: command.snapshotCount }, GUARDS);
    steps.push(step);
    if (step.outcome === 'allowed') break;
  }
  const granted = steps.find((step) => step.outcome === 'allowed')?.kind ?? null;
  return {
    requestedKind: command.kind,
    grantedKind: granted,
    outcome: granted === null ? 'refused' : granted === command.kind ? 'allowed' : 'downgraded',
    dryRun: command.dryRun,
    instance: facts.instance,
    evaluatedAt: facts.now.toISOString(),
    steps,
    explanation: explain(steps, granted),
  };
}

/** May the second snapshot of an operation follow? The heap has grown since the first. */
export function judgeNextSnapshot(facts: CaptureFacts, policy: ControlOptions): VerdictStep {
  return judge('heap-snapshot', { facts, policy, snapshotCount: 1 }, REPEATED_GUARDS);
}

/** Why a step was refused, in one sentence; empty when it was not. */
export function refusalOf(step: VerdictStep): string {
  return step.guards.find((guard) => guard.outcome === 'refused')?.reason ?? '';
}

function rungsFrom(kind: CaptureKind): CaptureKind[] {
  return CAPTURE_KINDS.slice(0, CAPTURE_KINDS.indexOf(kind) + 1).toReversed();
}

function judge(
  kind: CaptureKind,
  input: { facts: CaptureFacts; policy: ControlOptions; snapshotCount: number },
  guards: readonly Guard[],
): VerdictStep {
  const results = guards.map((guard) => guard({ kind, ...input }));
  const isAllowed = results.every((result) => result.outcome === 'allowed');
  return { kind, outcome: isAllowed ? 'allowed' : 'refused', guards: results };
}

function explain(steps: readonly VerdictStep[], granted: CaptureKind | null): string {
  const refusals = steps
    .filter((step) => step.outcome === 'refused')
    .map((step) => `${capitalize(KIND_TEXT[step.kind])} refused: ${refusalOf(step)}.`);
  if (granted === null) return `${refusals.join(' ')} Nothing was captured.`;
  if (refusals.length > 0) return `${refusals.join(' ')} A ${KIND_TEXT[granted]} is allowed instead.`;
  const headroom = steps[0]?.guards.find((guard) => guard.guard === 'memory-headroom');
  return `${capitalize(KIND_TEXT[granted])} allowed: ${headroom?.reason ?? 'all guards passed'}.`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
