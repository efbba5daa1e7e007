import { formatBytes } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { percent } from '../markup/svg-length.ts';

/** Up to here a label has room right of the line that it is measured by. Unit: 1. */
const RIGHT_ROOM_RATIO = 0.55;
/** Up to here a short one has room in the free part; behind it the figures above the picture have to do. */
const INSIDE_ROOM_RATIO = 0.68;

export interface Headroom {
  readonly needBytes: number;
  readonly freeBytes: number;
  /** Of the whole; null where the guard did not tell it, then what is in use is not drawn. */
  readonly limitBytes: number | null;
}

/** What a capture needs against what is free, drawn to one scale. */
export function headroomPicture({ needBytes, freeBytes, limitBytes }: Headroom): Html {
  const free = Math.max(0, freeBytes);
  const used = limitBytes === null ? 0 : Math.max(0, limitBytes - free);
  const total = used + needBytes;
  const usedRatio = used / total;
  const edge = (used + free) / total;
  const limit = limitBytes === null ? null : formatBytes(limitBytes);
  const need = formatBytes(needBytes);
  const title = `${limit === null ? '' : `The limit is ${limit}, of which ${formatBytes(used)} are used. `}${formatBytes(free)} are free, the capture needs ${need}.`;
  return html`<svg class="headroom" role="img" aria-labelledby="headroom-title">
    <title id="headroom-title">${title}</title>
    <rect class="bar-used" x="0" y="24" width="${percent(usedRatio)}" height="18" />
    <rect
      class="bar-free"
      x="${percent(usedRatio)}"
      y="24"
      width="${percent(edge - usedRatio)}"
      height="18"
    />
    <rect class="bar-used" x="0" y="54" width="${percent(usedRatio)}" height="18" />
    <rect class="bar-need" x="${percent(usedRatio)}" y="54" width="${percent(1 - usedRatio)}" height="18" />
    ${barLabels({ usedRatio, edge }, [`${formatBytes(free)} free`, limit === null ? '' : ` of ${limit}`, `needs ${need}`])}
    <line class="limit-line" x1="${percent(edge)}" x2="${percent(edge)}" y1="18" y2="78" />
    ${limit !== null && limitLabels(edge, formatBytes(used), formatBytes(total))}
  </svg>`;
}

function barLabels(
  { usedRatio, edge }: { usedRatio: number; edge: number },
  [free, ofLimit, need]: readonly [free: string, ofLimit: string, need: string],
): Html | null {
  const isRight = edge <= RIGHT_ROOM_RATIO;
  if (!isRight && usedRatio > INSIDE_ROOM_RATIO) return null;
  const x = percent(isRight ? edge : usedRatio);
  return html`<text x="${x}" dx="8" y="37">${free}${isRight && ofLimit}</text>
    <text class="label-refused" x="${x}" dx="8" y="67">${need}</text>`;
}

function limitLabels(edge: number, used: string, total: string): Html {
  const anchor = edge < 0.14 ? 'start' : edge > 0.86 ? 'end' : 'middle';
  return html`<text class="label-strong text-${anchor}" x="${percent(edge)}" y="12">memory limit</text>
    <text x="0" y="94">${used} in use</text>
    <text class="text-end" x="100%" y="94">${total}</text>`;
}
