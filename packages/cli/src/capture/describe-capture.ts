import type { CaptureOperation, CaptureResponse, GuardResult, Verdict } from '@heapfloor/contract';
import { formatCount, formatDuration, formatMiB, formatPercent, plainText } from '../terminal/format.ts';

/** The verdict, each refused guard of each rung with its numbers, and when to ask again. */
export function describeVerdict(verdict: Verdict): string[] {
  const refusedSteps = verdict.steps.filter(({ outcome }) => outcome === 'refused');
  return [
    plainText(verdict.explanation),
    ...refusedSteps.flatMap(({ kind, guards }) => [
      `${kind} was refused by`,
      ...guards.filter(({ outcome }) => outcome === 'refused').flatMap(describeGuard),
    ]),
    ...(verdict.outcome === 'downgraded' ? [`instead: ${verdict.grantedKind}`] : []),
  ];
}

/** What came of it, for a person. */
export function describeResult({ operation }: CaptureResponse, files: readonly string[]): string[] {
  if (operation === null) return [];
  const artifacts = operation.artifacts.map((artifact, index) => {
    const stall = artifact.stallMs === null ? 'not measured' : formatDuration(artifact.stallMs);
    return `${files[index]}  ${formatMiB(artifact.sizeBytes)}, stall ${stall}`;
  });
  const missing = operation.isolates
    .filter(({ isCovered, reason }) => !isCovered && reason !== null)
    .map(({ isolate, reason }) => `not covered: ${isolate}, ${plainText(reason ?? '')}`);
  const { error } = operation;
  return [
    ...artifacts,
    ...missing,
    ...describeClosing(operation),
    ...(error === null ? [] : [plainText(`${error.code}: ${error.message}`)]),
  ];
}

function describeGuard({ guard, reason, numbers, retryAt }: GuardResult): string[] {
  const told = Object.entries(numbers).map(
    ([name, value]) => `${plainText(name)} ${formatNumber(name, value)}`,
  );
  return [
    `  ${plainText(guard)}: ${plainText(reason)}`,
    ...(told.length === 0 ? [] : [`    ${told.join(', ')}`]),
    ...(retryAt === null ? [] : [`    again from ${new Date(retryAt).toLocaleString()} on`]),
  ];
}

/** By the unit that ends the name. */
function formatNumber(name: string, value: number): string {
  if (name.endsWith('Bytes')) return formatMiB(value);
  if (name.endsWith('Ms')) return formatDuration(value);
  if (name.endsWith('UtilizationRatio')) return formatPercent(value);
  return Number.isInteger(value) ? formatCount(value) : String(Math.round(value * 100) / 100);
}

function describeClosing({ inspector }: CaptureOperation): string[] {
  if (inspector === null) return [];
  const { port, provenClosedAt } = inspector;
  return [
    provenClosedAt === null
      ? `the inspector on port ${port} was not proven to be closed; look at the app`
      : `inspector closed; port ${port} refused a connection at ${new Date(provenClosedAt).toLocaleTimeString()}`,
  ];
}
