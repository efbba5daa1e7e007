import type { ConstructorSummary, LeakReport } from '@heapfloor/contract';
import { snapshotLetter } from '../findings/capture-words.ts';
import { codeName } from '../markup/code-name.ts';
import {
  formatBytes,
  formatCount,
  formatInUnit,
  formatShare,
  tableUnit,
  type SizeUnit,
} from '../markup/format.ts';
import { heapTreemap } from '../pictures/heap-treemap.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';

const SHOWN_ROWS = 8;

/** Where the heap of the newest snapshot is: own sizes as a picture, retained sizes as a table. */
export function heapByClass(report: LeakReport): Section | null {
  const { snapshots, summary, suspect } = report;
  const newest = snapshots.at(-1);
  if (newest === undefined || summary.length === 0) return null;
  const unit = tableUnit(summary.map(({ retainedSizeBytes }) => retainedSizeBytes));
  const heap = formatBytes(newest.heapSizeBytes);
  const counts = `${formatCount(newest.nodeCount)} objects`;
  return {
    id: 'retained',
    heading:
      snapshots.length > 1 ? `Snapshot ${snapshotLetter(snapshots.length - 1)} by class` : 'Heap by class',
    label: 'Heap',
    note: note(
      `${heap}, ${counts}. The area is own size, which adds up to the heap; numbers in ${tableUnit(
        summary.map(({ selfSizeBytes }) => selfSizeBytes),
      )}.`,
    ),
    body: html`${heapTreemap(report)}
    ${retainedTable(summary, unit, suspect?.constructor ?? null, newest.heapSizeBytes)}
    ${note('Retained sizes overlap: an object counts for every class that holds it, so they do not add up.')}`,
  };
}

function retainedTable(
  summary: readonly ConstructorSummary[],
  unit: SizeUnit,
  culprit: string | null,
  heapSizeBytes: number,
): Html {
  const rows = summary.toSorted((a, b) => b.retainedSizeBytes - a.retainedSizeBytes).slice(0, SHOWN_ROWS);
  return html`<table class="data-table retained-table">
    <caption class="visually-hidden">
      Largest retained sizes
    </caption>
    <thead>
      <tr>
        <th scope="col">Class</th>
        <th scope="col" class="number wide-only">Objects</th>
        <th scope="col" class="number wide-only">Own, ${unit}</th>
        <th scope="col" class="number">Retained, ${unit}</th>
        <th scope="col" class="number">Share</th>
        <th scope="col"><span class="visually-hidden">Bar</span></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => {
        const isCulprit = row.name === culprit;
        const share = row.retainedSizeBytes / Math.max(heapSizeBytes, 1);
        return html`<tr class="${isCulprit && 'culprit-row'}">
          <th scope="row">${codeName(row.name)}</th>
          <td class="number wide-only">${formatCount(row.count)}</td>
          <td class="number wide-only">${formatInUnit(row.selfSizeBytes, unit)}</td>
          <td class="number delta">${formatInUnit(row.retainedSizeBytes, unit)}</td>
          <td class="number">${formatShare(share)}</td>
          <td class="bar-cell" aria-hidden="true">
            <svg class="bar">
              <rect
                class="${isCulprit ? 'bar-leak' : 'bar-rest'}"
                width="${percent(clampRatio(share))}"
                height="100%"
              />
            </svg>
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
