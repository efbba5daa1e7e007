import type { CaptureRecord, GuardResult, VerdictStep } from '@heapfloor/contract';
import { cutText } from '../markup/code-name.ts';
import { formatBytes, formatCount, formatDuration, formatShare } from '../markup/format.ts';

interface GuardWords {
  /** Row of the verdict table. */
  readonly title: string;
  /** Half a sentence for the title of a refusal. */
  readonly refusal: string;
  /** What helps when time alone does not: what, and how. */
  readonly remedy: { readonly what: string; readonly how: string } | null;
  /** Which of its numbers is the demand and which the state. */
  readonly numbers: { readonly needs: string; readonly has: string } | null;
}

const GUARD_WORDS: ReadonlyMap<string, GuardWords> = new Map([
  [
    'kill-switch',
    {
      title: 'Kill switch off',
      refusal: 'captures are switched off',
      remedy: {
        what: 'When it is off',
        how: 'remove the kill-switch file; it is looked for at each command.',
      },
      numbers: null,
    },
  ],
  [
    'kind-enabled',
    {
      title: 'Kind enabled for this service',
      refusal: 'not enabled',
      remedy: { what: 'When enabled', how: 'in the control options of the app; they are read at its start.' },
      numbers: null,
    },
  ],
  [
    'key-scope',
    {
      title: 'Kind within the key',
      refusal: 'the key may not ask for it',
      remedy: {
        what: 'With another key',
        how: 'one of publicKeyFiles, or with the kind among limitedKeyKinds.',
      },
      numbers: null,
    },
  ],
  [
    'stale-alert',
    {
      title: 'Alert is of now',
      refusal: 'the alert is too old',
      remedy: { what: 'At the next alert', how: 'one that began after the process did, a short time ago.' },
      numbers: { needs: 'alertMaxAgeMs', has: 'alertAgeMs' },
    },
  ],
  [
    'warm-up',
    {
      title: 'Process has warmed up',
      refusal: 'the process has just started',
      remedy: null,
      numbers: { needs: 'warmUpMs', has: 'uptimeMs' },
    },
  ],
  [
    'lock-out',
    {
      title: 'No process died of it',
      refusal: 'a process died during the last one',
      remedy: {
        what: 'After a reset',
        how: 'find out why it died, then heapfloor capture with --reset and the kind.',
      },
      numbers: null,
    },
  ],
  [
    'single-flight',
    {
      title: 'One capture at a time',
      refusal: 'another capture is running',
      remedy: { what: 'After it', how: 'when the running capture has ended.' },
      numbers: null,
    },
  ],
  [
    'cooldown',
    {
      title: 'Cool-down since the last one',
      refusal: 'too soon after the last one',
      remedy: null,
      numbers: { needs: 'cooldownMs', has: 'sinceLastAttemptMs' },
    },
  ],
  [
    'budget',
    {
      title: 'Attempts left',
      refusal: 'too many attempts',
      remedy: {
        what: 'When attempts lapse',
        how: 'or with a larger budget in the control options of the app.',
      },
      numbers: { needs: 'maxAttemptCount', has: 'attemptCount' },
    },
  ],
  [
    'heap-ceiling',
    {
      title: 'Heap below the ceiling',
      refusal: 'the heap is too large',
      remedy: { what: 'After a restart', how: 'while the heap is still below the ceiling.' },
      numbers: { needs: 'heapCeilingBytes', has: 'heapUsedBytes' },
    },
  ],
  [
    'memory-headroom',
    {
      title: 'Memory headroom',
      refusal: 'not enough memory',
      remedy: {
        what: 'After a restart',
        how: 'while little is in use: the need follows the number of objects.',
      },
      numbers: { needs: 'neededBytes', has: 'availableBytes' },
    },
  ],
  [
    'pause',
    {
      title: 'Pause within the limits',
      refusal: 'the pause would be too long',
      remedy: {
        what: 'With a drain',
        how: 'declare drain or probeListen in the control options, so that a longer pause is allowed.',
      },
      numbers: { needs: 'predictedPauseMs', has: 'maxPauseMs' },
    },
  ],
  [
    'load',
    {
      title: 'Main loop has room',
      refusal: 'the main loop is too busy',
      remedy: { what: 'Under less load', how: 'a capture now would make the incident worse.' },
      numbers: { needs: 'maxEventLoopUtilizationRatio', has: 'eventLoopUtilizationRatio' },
    },
  ],
  [
    'disk-writable',
    {
      title: 'Directory is writable',
      refusal: 'the artifact directory can’t be used',
      remedy: { what: 'With a sound directory', how: 'it must be there, writable and its user’s own.' },
      numbers: null,
    },
  ],
  [
    'free-disk',
    {
      title: 'Disk for the artifact',
      refusal: 'not enough disk',
      remedy: { what: 'With more disk', how: 'in the directory that the app writes artifacts to.' },
      numbers: { needs: 'neededBytes', has: 'diskFreeBytes' },
    },
  ],
  [
    'artifact-quota',
    {
      title: 'Artifacts within the quota',
      refusal: 'the quota of artifacts is used up',
      remedy: {
        what: 'With fewer artifacts',
        how: 'fetch and delete old ones, or raise artifactQuotaBytes.',
      },
      numbers: { needs: 'artifactQuotaBytes', has: 'neededBytes' },
    },
  ],
  [
    'event-loop',
    {
      title: 'Event loop turns',
      refusal: 'the event loop is blocked',
      remedy: { what: 'When it turns', how: 'once the main thread is free again.' },
      numbers: { needs: 'eventLoopTimeoutMs', has: 'eventLoopDelayMs' },
    },
  ],
]);

/** A name that nobody wrote for a person fits a column, no more. */
const UNKNOWN_NAME_CHARS = 40;

/** For guards without words: beginnings of the names of numbers that are a demand, and of those that are a state. */
const NEED_NAME = /^(need|require|predict|min|max|limit|ceiling|cooldown|allowed|threshold)/u;
const HAVE_NAME =
  /^(available|free|have|has|heapUsed|heapLimit|used|running|elapsed|since|last|current|actual)/u;

/** The guard by its words; a guard that this page does not know yet goes by its name. */
export function guardWords(guard: string): GuardWords {
  const known = GUARD_WORDS.get(guard);
  if (known !== undefined) return known;
  const name = cutText(guard.replaceAll('-', ' '), UNKNOWN_NAME_CHARS);
  return { title: name, refusal: `guard ${name}`, remedy: null, numbers: null };
}

/** What a guard needs and what there is, in numbers; null where it did not say. */
export interface GuardBalance {
  readonly needs: NamedNumber | null;
  readonly has: NamedNumber | null;
}

export interface NamedNumber {
  readonly name: string;
  readonly value: number;
}

export function guardBalance(guard: GuardResult): GuardBalance {
  const numbers = Object.entries(guard.numbers).map(([name, value]) => ({ name, value }));
  const known = guardWords(guard.guard).numbers;
  const find = (name: string | undefined): NamedNumber | null =>
    numbers.find((number) => number.name === name) ?? null;
  const needs = find(known?.needs) ?? numbers.find(({ name }) => NEED_NAME.test(name)) ?? null;
  const unit = needs === null ? null : unitName(needs.name);
  const states = numbers.filter(({ name }) => HAVE_NAME.test(name));
  const has = find(known?.has) ?? states.find(({ name }) => unitName(name) === unit) ?? states[0] ?? null;
  return { needs, has };
}

/** A number by the unit that ends its name. */
export function formatNamedNumber({ name, value }: NamedNumber): string {
  switch (unitName(name)) {
    case 'Bytes':
      return formatBytes(value);
    case 'Ms':
      return formatDuration(value);
    case 'Seconds':
      return formatDuration(value * 1000);
    case 'Ratio':
      return formatShare(value);
    default:
      return Number.isInteger(value) ? formatCount(value) : String(Math.round(value * 100) / 100);
  }
}

/** The rung that was asked for, when it was refused. */
export function refusedStep(record: CaptureRecord): VerdictStep | null {
  const step = record.verdict?.steps[0];
  return step?.outcome === 'refused' ? step : null;
}

/** The guard that decided: the first that refused. */
export function decidingGuard(step: VerdictStep): GuardResult | null {
  return step.guards.find((guard) => guard.outcome === 'refused') ?? null;
}

function unitName(name: string): string {
  return /(Bytes|Ms|Seconds|Ratio|Count)$/u.exec(name)?.[1] ?? '';
}
