import type { AllocationReport, AllocationSite, CaptureRecord } from '@heapfloor/contract';
import { allocationSuspect, sitesBySize } from '../findings/allocation-suspect.ts';
import { codeName, sourcePlace } from '../markup/code-name.ts';
import {
  formatBytes,
  formatDuration,
  formatInUnit,
  formatShare,
  tableUnit,
  type SizeUnit,
} from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { icicle } from '../pictures/icicle.ts';
import { note } from '../frame/section.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';

const SHOWN_SITES = 8;

/** What a heap sampling profile says: the call paths as a picture, then the places that allocate. */
export function allocations(record: CaptureRecord, report: AllocationReport): Html {
  const total = formatBytes(report.totalSizeBytes);
  const intro = `Heap sampling${lengthText(record)}: who allocated the ${total} that are still alive. It tells who allocates, not who holds.`;
  if (report.sites.length === 0) return html`<p>No sampled allocation is still alive.</p>`;
  return html`${note(intro)} ${icicle(report)} ${siteTable(report)} ${callerNote(report)}`;
}

function lengthText({ artifacts }: CaptureRecord): string {
  const profile = artifacts.find(({ kind }) => kind === 'heap-profile');
  if (profile === undefined) return '';
  const ms = Date.parse(profile.finishedAt) - Date.parse(profile.startedAt);
  return ms > 0 ? `, ${formatDuration(ms)}` : '';
}

function siteTable(report: AllocationReport): Html {
  const suspect = allocationSuspect(report)?.site ?? null;
  const top = sitesBySize(report).slice(0, SHOWN_SITES);
  const shown = suspect === null || top.includes(suspect) ? top : [...top, suspect];
  const unit = tableUnit(shown.map(({ totalSizeBytes }) => totalSizeBytes));
  const largest = Math.max(shown[0]?.selfSizeBytes ?? 0, 1);
  const total = Math.max(report.totalSizeBytes, 1);
  return html`<table class="data-table">
    <caption class="visually-hidden">
      Top allocators of the sampling profile
    </caption>
    <thead>
      <tr>
        <th scope="col">Top allocators</th>
        <th scope="col" class="number">Alive, ${unit}</th>
        <th scope="col" class="number wide-only">With callees</th>
        <th scope="col" class="number">Share</th>
        <th scope="col"><span class="visually-hidden">Bar</span></th>
      </tr>
    </thead>
    <tbody>
      ${shown.map((site) => siteRow(site, site === suspect, { unit, largest, total }))}
    </tbody>
  </table>`;
}

/** Why the suspect is not the first row: built-ins allocate for their callers. */
function callerNote(report: AllocationReport): Html | null {
  const suspect = allocationSuspect(report);
  const [top] = sitesBySize(report);
  if (suspect === null || top === undefined || suspect.site === top) return null;
  const share = formatShare(suspect.totalSizeBytes / Math.max(report.totalSizeBytes, 1));
  return note(
    html`${codeName(top.functionName)} allocates most; ${codeName(suspect.functionName)} is the nearest code
    of your own on its way, ${formatBytes(suspect.totalSizeBytes)} or ${share} with its callees.`,
  );
}

interface Scale {
  readonly unit: SizeUnit;
  readonly largest: number;
  readonly total: number;
}

function siteRow(site: AllocationSite, isSuspect: boolean, { unit, largest, total }: Scale): Html {
  const { functionName, source, selfSizeBytes, totalSizeBytes } = site;
  return html`<tr class="${isSuspect && 'culprit-row'}">
    <th scope="row">${codeName(functionName)} ${sourcePlace(source)}</th>
    <td class="number delta">${formatInUnit(selfSizeBytes, unit)}</td>
    <td class="number wide-only">${formatInUnit(totalSizeBytes, unit)}</td>
    <td class="number">${formatShare(selfSizeBytes / total)}</td>
    <td class="bar-cell" aria-hidden="true">
      <svg class="bar">
        <rect
          class="${isSuspect ? 'bar-leak' : 'bar-rest'}"
          width="${percent(clampRatio(selfSizeBytes / largest))}"
          height="100%"
        />
      </svg>
    </td>
  </tr>`;
}
