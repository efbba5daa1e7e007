import type { AllocationReport } from '@heapfloor/contract';
import { cutText } from '../markup/code-name.ts';
import { formatBytes, formatShare } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { layoutIcicle, type IcicleFrame } from './icicle-layout.ts';
import { percent } from '../markup/svg-length.ts';

const ROW_PX = 26;
const CHAR_PX = 7.3;
const PADDING_PX = 14;
/** Narrowest widths that the picture gets on a phone and in the left column of a desk. */
const NARROW_PX = 288;
const WIDE_PX = 470;

/** Allocations by call path: width is bytes, callers on top, the hottest path in vermillion. */
export function icicle(report: AllocationReport): Html {
  const frames = layoutIcicle(report);
  const depth = frames.reduce((max, frame) => Math.max(max, frame.depth), 0);
  const hot = frames.filter(({ isHot }) => isHot);
  const deepest = hot.at(-1);
  const total = frames[0]?.bytes ?? 0;
  const path = hot.map(({ name }) => cutText(name, 60)).join(', ');
  return html`<figure class="icicle-figure">
    <svg class="icicle" height="${(depth + 1) * ROW_PX}" role="img" aria-labelledby="icicle-title">
      <title id="icicle-title">
        Sampled bytes still alive by call path, ${formatBytes(total)} in all. The hottest path: ${path};
        ${deepest && `${formatBytes(deepest.bytes)} at its end`}
      </title>
      ${frames.map((frame) => frameSvg(frame, total))}
    </svg>
  </figure>`;
}

function frameSvg(frame: IcicleFrame, total: number): Html {
  const { name, source, bytes, depth, x, width, isHot } = frame;
  const where = source === null ? '' : `, ${cutText(source, 120)}`;
  const title = `${cutText(name, 120)}${where}: ${formatBytes(bytes)}, ${formatShare(bytes / total)}`;
  return html`<svg x="${percent(x)}" y="${depth * ROW_PX}" width="${percent(width)}" height="${ROW_PX}">
    <title>${title}</title>
    <rect class="${isHot && 'frame-hot'}" width="100%" height="100%" />
    ${frameLabel(frame)}
  </svg>`;
}

/** A label is left out where it would be cut: on a phone sooner than at a desk. */
function frameLabel({ name, source, bytes, depth, width }: IcicleFrame): Html | null {
  const more = depth === 0 ? formatBytes(bytes) : source;
  const fits = (text: string, px: number): boolean => text.length * CHAR_PX + PADDING_PX <= width * px;
  if (!fits(name, WIDE_PX)) return null;
  const both = `${name} ${more ?? ''}`;
  const moreClass = fits(both, NARROW_PX) ? 'frame-source' : 'frame-source wide-only';
  return html`<text class="${!fits(name, NARROW_PX) && 'wide-only'}" x="7" y="17"
    >${name}${more !== null && fits(both, WIDE_PX) && html`<tspan class="${moreClass}"> ${more}</tspan>`}</text
  >`;
}
