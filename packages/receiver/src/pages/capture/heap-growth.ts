import type { LeakReport } from '@heapfloor/contract';
import { codeName } from '../markup/code-name.ts';
import { formatBytesDelta, formatCount, splitBytes } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { note, type Section } from '../frame/section.ts';

/** What two snapshots without a suspect say: how much the heap grew, and the class that grew most. */
export function heapGrowth(report: LeakReport): Section {
  const compared = report.snapshots.length > 1;
  return {
    id: 'what',
    heading: compared ? 'What grows' : 'What is in the heap',
    label: 'What grows',
    body: compared ? growth(report) : content(report),
  };
}

function growth({ growthBytes, constructors }: LeakReport): Html {
  const { value, unit } = splitBytes(Math.abs(growthBytes));
  const sign = growthBytes === 0 ? '' : growthBytes > 0 ? '+' : '−';
  const [top] = constructors.toSorted((a, b) => b.sizeDeltaBytes - a.sizeDeltaBytes);
  const most =
    top === undefined || top.sizeDeltaBytes <= 0
      ? 'No class grew.'
      : html`${codeName(top.name)} grew most, ${formatBytesDelta(top.sizeDeltaBytes)} of own size; not in a
        way that a leak does.`;
  return html`<dl class="figures">
      <div>
        <dt>Whole heap</dt>
        <dd>${sign}${value} <small>${unit}</small></dd>
      </div>
      <div>
        <dt>Classes that changed</dt>
        <dd>${formatCount(constructors.length)}</dd>
      </div>
    </dl>
    ${note(most)} ${note('If the floor goes on rising, the next alert compares anew.')}`;
}

function content({ snapshots, summary }: LeakReport): Html {
  const heap = snapshots.at(-1);
  const { value, unit } = splitBytes(heap?.heapSizeBytes ?? 0);
  // V8's own groups, `(system)` and the like, hold everything and say nothing.
  const classes = summary.filter(({ name }) => !name.startsWith('('));
  const [top] = classes.toSorted((a, b) => b.retainedSizeBytes - a.retainedSizeBytes);
  return html`<dl class="figures">
      <div>
        <dt>Heap</dt>
        <dd>${value} <small>${unit}</small></dd>
      </div>
      <div>
        <dt>Objects</dt>
        <dd>${formatCount(heap?.nodeCount ?? 0)}</dd>
      </div>
    </dl>
    ${top && note(html`${codeName(top.name)} retains most. What grows, only a second snapshot can tell.`)}`;
}
