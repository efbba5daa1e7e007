import type { LeakSuspect, RetainerStep } from '@heapfloor/contract';
import { codeName, cutText, sourcePlace } from '../markup/code-name.ts';
import { formatBytes } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import type { Section } from '../frame/section.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';

/** A longer path hides who holds whom; the ends matter, the middle is counted. */
const SHOWN_STEPS = 10;
const SHOWN_FIRST_STEPS = 3;
const EDGE_CHARS = 120;

/** Who holds it: from the GC roots down to the culprit; box = object, line = property, bar = what it retains. */
export function retainerPath({ retainerPath: steps }: LeakSuspect): Section | null {
  if (steps.length === 0) return null;
  const largest = steps.reduce((max, step) => Math.max(max, step.retainedSizeBytes), 1);
  const hidden = steps.length > SHOWN_STEPS ? steps.length - SHOWN_STEPS : 0;
  const first = hidden > 0 ? steps.slice(0, SHOWN_FIRST_STEPS) : steps;
  const last = hidden > 0 ? steps.slice(SHOWN_FIRST_STEPS + hidden) : [];
  return {
    id: 'who',
    heading: 'Who holds it',
    label: 'Who holds it',
    body: html`<p class="retainer-head"><span></span><span>retains</span></p>
      <ol class="retainer-path">
        ${first.map((step) => retainer(step, largest))}
        ${hidden > 0 && html`<li class="retainer"><p class="retainer-edge">… ${hidden} objects in between</p></li>`}
        ${last.map((step) => retainer(step, largest))}
      </ol>`,
  };
}

const ROLE_CLASS: Readonly<Record<RetainerStep['role'], string>> = {
  root: 'retainer',
  holder: 'retainer',
  accumulator: 'retainer retainer-accumulates',
  culprit: 'retainer retainer-many',
};

function retainer(step: RetainerStep, largestBytes: number): Html {
  const growing = step.role === 'accumulator' || step.role === 'culprit';
  const width = percent(clampRatio(step.retainedSizeBytes / largestBytes));
  return html`<li class="${ROLE_CLASS[step.role]}">
    ${step.edge !== null && html`<div class="retainer-edge">${cutText(step.edge, EDGE_CHARS)}</div>`}
    <div class="retainer-node">
      ${codeName(step.name)}${sourcePlace(step.source)}${
        step.role === 'accumulator' && html`<span class="retainer-why">accumulates here</span>`
      }
    </div>
    <div class="retainer-size">
      ${formatBytes(step.retainedSizeBytes)}${step.role === 'culprit' && ' each'}
      <svg class="bar" aria-hidden="true">
        <rect class="bar-track" width="100%" height="100%" />
        <rect class="${growing ? 'bar-leak' : 'bar-rest'}" width="${width}" height="100%" />
      </svg>
    </div>
  </li>`;
}
