import type { CaptureRecord, CaptureState, LeakReport } from '@heapfloor/contract';
import { allocationSuspect, suspectName } from './allocation-suspect.ts';
import { KIND_WORDS, serviceOf } from './capture-words.ts';
import { codeName, cutText } from '../markup/code-name.ts';
import { goingOn, firstSentence } from './error-message.ts';
import { decidingGuard, guardWords, refusedStep } from './guard-words.ts';
import { html, type Html } from '../markup/html.ts';
import { takenKind } from './taken-kind.ts';

/** The finding as a sentence: for the page's `h1`, and as plain text for the browser's tab. */
export interface Finding {
  readonly sentence: Html;
  readonly plain: string;
}

const TAB_NAME_CHARS = 60;

export function findingOf(record: CaptureRecord): Finding {
  return FINDINGS[record.state](record);
}

/** The refusal in half a sentence: `not enough memory`; also where no guard was asked. */
export function refusalReason(record: CaptureRecord): string {
  const step = refusedStep(record);
  const guard = step === null ? null : decidingGuard(step);
  if (guard !== null) return guardWords(guard.guard).refusal;
  if (record.target === null) return 'no registered target matches the alert';
  return record.error === null ? 'no guard said why' : goingOn(firstSentence(record.error.message));
}

const FINDINGS: Readonly<Record<CaptureState, (record: CaptureRecord) => Finding>> = {
  queued: (record) => plainly(`${subjectOf(record)} waits to start`),
  running: (record) => plainly(`${subjectOf(record)} is being taken`),
  failed: failure,
  refused: (record) => refusal(record, html`. Nothing could be taken`, ''),
  downgraded: downgrade,
  succeeded: success,
};

/** `Heap snapshot of shop`. */
function subjectOf(record: CaptureRecord): string {
  return `${KIND_WORDS[record.requestedKind].name} of ${serviceOf(record)}`;
}

function success(record: CaptureRecord): Finding {
  if (record.report !== null) return reportFinding(record.report, serviceOf(record));
  if (record.allocations !== null) return profileFinding(record);
  const what = `${KIND_WORDS[takenKind(record)].name} of ${serviceOf(record)} taken`;
  return plainly(record.error === null ? what : `${what}, but not analysed`);
}

function reportFinding({ suspect, snapshots }: LeakReport, service: string): Finding {
  if (suspect !== null) {
    const holder = suspect.holder === '' ? null : suspect.holder;
    const name = cutText(suspect.constructor, TAB_NAME_CHARS);
    return {
      sentence: html`${codeName(suspect.constructor)} objects pile
      up${holder !== null && html` in ${codeName(holder)}`}`,
      plain: `Leak found: ${name}${holder === null ? '' : ` in ${cutText(holder, TAB_NAME_CHARS)}`}, ${service}`,
    };
  }
  return snapshots.length > 1
    ? plainly(`No leak found in ${service}: no class piles up`)
    : plainly(`One snapshot of ${service}: it shows what fills the heap, not what grows`);
}

function profileFinding(record: CaptureRecord): Finding {
  const site = allocationSuspect(record.allocations);
  if (site === null)
    return plainly(`Profile of ${serviceOf(record)}: nothing that was allocated is still alive`);
  return {
    sentence: html`A profile points at ${codeName(suspectName(site))}`,
    plain: `Profile points at ${cutText(suspectName(site), TAB_NAME_CHARS)}, ${serviceOf(record)}`,
  };
}

function downgrade(record: CaptureRecord): Finding {
  const granted = record.verdict?.grantedKind ?? record.artifacts[0]?.kind ?? null;
  const site = allocationSuspect(record.allocations);
  if (site !== null) {
    return refusal(record, html`. A profile points at ${codeName(suspectName(site))}`, ', profile taken');
  }
  const instead = granted === null ? null : KIND_WORDS[granted].short;
  return refusal(
    record,
    instead && html`. A ${instead} was taken instead`,
    instead ? `, ${instead} taken` : '',
  );
}

function refusal(record: CaptureRecord, then: Html | null | '', tab: string): Finding {
  const what = KIND_WORDS[record.requestedKind].short;
  const refused = `${what.charAt(0).toUpperCase()}${what.slice(1)} refused`;
  return {
    sentence: html`${refused}: ${refusalReason(record)}${then}`,
    plain: `${refused}${tab}: ${serviceOf(record)}`,
  };
}

function failure(record: CaptureRecord): Finding {
  const what = `${subjectOf(record)} failed`;
  return {
    sentence: html`${what}${record.error !== null && `: ${goingOn(firstSentence(record.error.message))}`}`,
    plain: what,
  };
}

function plainly(text: string): Finding {
  return { sentence: html`${text}`, plain: text };
}
