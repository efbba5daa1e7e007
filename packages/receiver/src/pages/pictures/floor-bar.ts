import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import { formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { clampRatio, percent } from '../markup/svg-length.ts';

/** The floor as a share of its limit, with the threshold as a mark across. */
export function floorBar(floorRatio: number): Html {
  const threshold = percent(FLOOR_THRESHOLD_RATIO);
  const label = `Floor ${formatShare(floorRatio)} of the limit, threshold ${formatShare(FLOOR_THRESHOLD_RATIO)}`;
  return html`<svg class="bar floor-bar" role="img" aria-label="${label}">
    <rect class="bar-track" y="25%" width="100%" height="50%" />
    <rect class="bar-floor" y="25%" width="${percent(clampRatio(floorRatio))}" height="50%" />
    <line class="threshold-edge" x1="${threshold}" x2="${threshold}" y1="0" y2="100%" />
    <line class="threshold-mark" x1="${threshold}" x2="${threshold}" y1="0" y2="100%" />
  </svg>`;
}
