import type { CaptureRecord, CaptureState } from '@heapfloor/contract';
import { allocationSuspect, suspectName } from './allocation-suspect.ts';
import { KIND_WORDS } from './capture-words.ts';
import { codeName, cutText } from '../markup/code-name.ts';
import { firstSentence } from './error-message.ts';
import { holderSource } from './holder-source.ts';
import { refusalReason } from './finding.ts';
import { formatBytes, formatBytesDelta, formatCountDelta, formatShare } from '../markup/format.ts';
import { decidingGuard, guardBalance, refusedStep } from './guard-words.ts';
import { html, type Html } from '../markup/html.ts';

/** What a list row says of a capture: the finding, and one more line. */
export interface RowFinding {
  readonly headline: Html | string;
  readonly detail: Html | string | null;
}

const SHOWN_CHARS = 120;

export function rowFinding(record: CaptureRecord): RowFinding {
  return ROW_FINDINGS[record.state](record);
}

const ROW_FINDINGS: Readonly<Record<CaptureState, (record: CaptureRecord) => RowFinding>> = {
  queued: (record) => underWay(record, 'waits to start'),
  running: (record) => underWay(record, 'is being taken'),
  failed: failure,
  refused: refusal,
  downgraded: refusal,
  succeeded: success,
};

function underWay({ requestedKind, timeline }: CaptureRecord, does: string): RowFinding {
  return { headline: `${KIND_WORDS[requestedKind].name} ${does}`, detail: timeline.at(-1)?.detail ?? null };
}

function failure({ requestedKind, error }: CaptureRecord): RowFinding {
  if (error === null) return { headline: `${KIND_WORDS[requestedKind].name} failed`, detail: null };
  return { headline: firstSentence(error.message), detail: html`<code>${error.code}</code>` };
}

function refusal(record: CaptureRecord): RowFinding {
  return { headline: refusalHeadline(record), detail: insteadText(record) };
}

function success(record: CaptureRecord): RowFinding {
  const { report } = record;
  const suspect = report?.suspect ?? null;
  if (suspect !== null) {
    const source = holderSource(suspect);
    const growth = `${formatCountDelta(suspect.countDelta)} objects, ${formatBytesDelta(suspect.retainedDeltaBytes)}`;
    return {
      headline: html`${codeName(suspect.constructor)} ${growth}`,
      detail: html`${codeName(suspect.holder)}${source !== null && `, ${cutText(source, SHOWN_CHARS)}`}`,
    };
  }
  if (report !== null && report.snapshots.length > 1) {
    return { headline: 'No class piles up', detail: `whole heap ${formatBytesDelta(report.growthBytes)}` };
  }
  if (report !== null) {
    return {
      headline: 'One snapshot, nothing to compare',
      detail: `heap ${formatBytes(report.snapshots[0]?.heapSizeBytes ?? 0)}`,
    };
  }
  const site = siteText(record);
  if (site !== null) return { headline: site, detail: null };
  return { headline: `${KIND_WORDS[record.requestedKind].name} taken`, detail: null };
}

function refusalHeadline(record: CaptureRecord): string {
  const kind = KIND_WORDS[record.requestedKind].short;
  const subject = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const step = refusedStep(record);
  const guard = step === null ? null : decidingGuard(step);
  const { needs, has } = guard === null ? { needs: null, has: null } : guardBalance(guard);
  const inBytes = needs?.name.endsWith('Bytes') === true && has?.name.endsWith('Bytes') === true;
  if (needs !== null && has !== null && inBytes && needs.value > has.value) {
    return `${subject} needs ${formatBytes(needs.value)}, ${formatBytes(has.value)} free`;
  }
  return `${subject} refused: ${refusalReason(record)}`;
}

function insteadText(record: CaptureRecord): Html | string {
  const site = siteText(record);
  if (site !== null) return html`profile instead: ${site}`;
  const kinds = [...new Set(record.artifacts.map(({ kind }) => kind))];
  return kinds.length === 0
    ? 'nothing was taken'
    : `${kinds.map((kind) => KIND_WORDS[kind].short).join(' and ')} instead`;
}

function siteText(record: CaptureRecord): Html | null {
  const suspect = allocationSuspect(record.allocations);
  if (suspect === null) return null;
  const share = formatShare(suspect.totalSizeBytes / Math.max(record.allocations?.totalSizeBytes ?? 0, 1));
  const name = suspectName(suspect);
  const place =
    suspect.source !== null && suspect.source !== name && `, ${cutText(suspect.source, SHOWN_CHARS)}`;
  return html`${codeName(name)} ${share}${place}`;
}
