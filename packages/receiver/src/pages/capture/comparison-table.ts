import type { ConstructorDelta, LeakReport } from '@heapfloor/contract';
import { snapshotLetter } from '../findings/capture-words.ts';
import { codeName } from '../markup/code-name.ts';
import {
  formatCount,
  formatCountDelta,
  formatDeltaInUnit,
  formatInUnit,
  tableUnit,
  type SizeUnit,
} from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';

/** Rows that decide; the total says how many there are. */
const SHOWN_ROWS = 12;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'] as const;

/** DevTools' Comparison view: largest size delta first, the culprit marked; null where nothing is compared. */
export function comparisonTable({ constructors, suspect, snapshots }: LeakReport): Section | null {
  if (snapshots.length < 2) return null;
  const all = constructors.toSorted((a, b) => b.sizeDeltaBytes - a.sizeDeltaBytes);
  const culprit = suspect === null ? undefined : all.find(({ name }) => name === suspect.constructor);
  const unit = tableUnit(all.flatMap((row) => [row.newSizeBytes, row.deletedSizeBytes, row.sizeDeltaBytes]));
  // What rounds to nothing is counted in the total.
  const visible = all.filter(({ sizeDeltaBytes }) => /[1-9]/u.test(formatInUnit(sizeDeltaBytes, unit)));
  const top = visible.slice(0, SHOWN_ROWS);
  const rows = culprit === undefined || top.includes(culprit) ? top : [...top, culprit];
  const last = snapshotLetter(snapshots.length - 1);
  return {
    id: 'comparison',
    heading: `Comparison of A and ${last}`,
    label: 'Comparison',
    note: note(html`Own size in ${unit}, as in DevTools.${culprit && rankText(culprit, all)}`),
    body:
      all.length === 0
        ? html`<p>No class changed.</p>`
        : table({ rows, total: sumOf(all), totalCount: all.length, culprit, unit }),
  };
}

interface Table {
  readonly rows: readonly ConstructorDelta[];
  readonly total: Omit<ConstructorDelta, 'name'>;
  readonly totalCount: number;
  readonly culprit: ConstructorDelta | undefined;
  readonly unit: SizeUnit;
}

function table({ rows, total, totalCount, culprit, unit }: Table): Html {
  const largest = rows.reduce((max, row) => Math.max(max, Math.abs(row.sizeDeltaBytes)), 1);
  return html`<label class="column-switch"><input type="checkbox" />All columns</label>
    <div class="table-scroll" tabindex="0" role="region" aria-label="Comparison table">
      <table class="data-table" data-sortable>
        <thead>
          <tr>
            <th scope="col">Constructor</th>
            <th scope="col" class="number column-detail"># New</th>
            <th scope="col" class="number column-detail"># Deleted</th>
            <th scope="col" class="number"># Delta</th>
            <th scope="col" class="number column-detail">Alloc. size</th>
            <th scope="col" class="number column-detail">Freed size</th>
            <th scope="col" class="number" aria-sort="descending">Size delta</th>
            <th scope="col"><span class="visually-hidden">Bar</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => {
            const isCulprit = row === culprit;
            return html`<tr class="${isCulprit && 'culprit-row'}">
              <th scope="row">${codeName(row.name)}</th>
              ${numberCells(row, unit)}
              <td class="bar-cell" aria-hidden="true">
                ${deltaBar(row.sizeDeltaBytes / largest, isCulprit)}
              </td>
            </tr>`;
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              ${totalCount === 1 ? 'The one' : `All ${formatCount(totalCount)}`} that changed
            </th>
            ${numberCells(total, unit)}
            <td></td>
          </tr>
        </tfoot>
      </table>
    </div>`;
}

function numberCells(row: Omit<ConstructorDelta, 'name'>, unit: SizeUnit): Html {
  return html`<td class="number column-detail">${formatCount(row.newCount)}</td>
    <td class="number column-detail">${formatCount(row.deletedCount)}</td>
    <td class="number">${formatCountDelta(row.countDelta)}</td>
    <td class="number column-detail">${formatInUnit(row.newSizeBytes, unit)}</td>
    <td class="number column-detail">${formatInUnit(row.deletedSizeBytes, unit)}</td>
    <td class="number delta">${formatDeltaInUnit(row.sizeDeltaBytes, unit)}</td>`;
}

/** What shrank has no bar: a bar says how much came. */
function deltaBar(share: number, isCulprit: boolean): Html {
  const width = percent(clampRatio(share));
  return html`<svg class="bar">
    <rect class="${isCulprit ? 'bar-leak' : 'bar-rest'}" width="${width}" height="100%" />
  </svg>`;
}

/** Why the culprit is not on top, which readers of DevTools stumble over. */
function rankText(culprit: ConstructorDelta, all: readonly ConstructorDelta[]): Html | null {
  const rank = all.indexOf(culprit);
  if (rank < 1) return null;
  const place = ORDINALS[rank] ?? `number ${rank + 1}`;
  return html` ${codeName(culprit.name)} is ${place} here: what its objects hold is counted under its own
  classes.`;
}

function sumOf(rows: readonly ConstructorDelta[]): Omit<ConstructorDelta, 'name'> {
  const sum = (key: keyof Omit<ConstructorDelta, 'name'>): number =>
    rows.reduce((total, row) => total + row[key], 0);
  return {
    newCount: sum('newCount'),
    deletedCount: sum('deletedCount'),
    countDelta: sum('countDelta'),
    newSizeBytes: sum('newSizeBytes'),
    deletedSizeBytes: sum('deletedSizeBytes'),
    sizeDeltaBytes: sum('sizeDeltaBytes'),
  };
}
