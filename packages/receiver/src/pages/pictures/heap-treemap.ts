import type { LeakReport } from '@heapfloor/contract';
import { cutText } from '../markup/code-name.ts';
import { formatBytes, formatInUnit, formatShare, tableUnit, type SizeUnit } from '../markup/format.ts';
import { html, type Html } from '../markup/html.ts';
import { percent } from '../markup/svg-length.ts';
import { layoutTreemap, type TreemapCell } from './treemap-layout.ts';

/** Laid out for both screens; CSS shows one. */
const WIDE = { name: 'wide', widthPx: 1190, heightPx: 304 } as const;
const NARROW = { name: 'narrow', widthPx: 358, heightPx: 440 } as const;
/** Smaller shares of the heap go into one cell. Unit: 1. */
const SMALLEST_CELL_RATIO = 0.01;
const CHAR_PX = 7.3;
const PADDING_PX = 7;
/** A name and a number below it. */
const NAME_HEIGHT_PX = 22;
const NUMBER_HEIGHT_PX = 38;

interface Part {
  readonly name: string;
  readonly bytes: number;
  readonly kind: 'class' | 'culprit' | 'rest';
}

/** The heap by the own sizes of its classes: these add up to the heap, which retained sizes do not. */
export function heapTreemap(report: LeakReport): Html {
  const parts = partsOf(report);
  const unit = tableUnit(parts.map(({ bytes }) => bytes));
  return html`${[WIDE, NARROW].map((picture) => treemap(parts, picture, unit))}`;
}

function partsOf({ summary, snapshots, suspect }: LeakReport): readonly Part[] {
  const heapBytes = snapshots.at(-1)?.heapSizeBytes ?? 0;
  const shown = summary
    .filter(({ selfSizeBytes }) => selfSizeBytes >= heapBytes * SMALLEST_CELL_RATIO)
    .toSorted((a, b) => b.selfSizeBytes - a.selfSizeBytes)
    .map(({ name, selfSizeBytes }) => ({
      name,
      bytes: selfSizeBytes,
      kind: name === suspect?.constructor ? ('culprit' as const) : ('class' as const),
    }));
  const rest = heapBytes - shown.reduce((total, { bytes }) => total + bytes, 0);
  if (rest <= 0) return shown;
  return [...shown, { name: 'others', bytes: rest, kind: 'rest' as const }].toSorted(
    (a, b) => b.bytes - a.bytes,
  );
}

function treemap(parts: readonly Part[], picture: typeof WIDE | typeof NARROW, unit: SizeUnit): Html {
  const cells = layoutTreemap(parts, ({ bytes }) => bytes, picture);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const id = `treemap-${picture.name}-title`;
  const title = parts.map(({ name, bytes }) => `${cutText(name, 60)} ${formatBytes(bytes)}`).join('; ');
  return html`<svg class="treemap treemap-${picture.name}" role="img" aria-labelledby="${id}">
    <title id="${id}">Own size by class, of ${formatBytes(total)}: ${title}</title>
    ${cells.map((cell) => cellSvg(cell, { picture, total, unit }))}
  </svg>`;
}

interface CellContext {
  readonly picture: { readonly widthPx: number; readonly heightPx: number };
  readonly total: number;
  readonly unit: SizeUnit;
}

function cellSvg(cell: TreemapCell<Part>, { picture, total, unit }: CellContext): Html {
  const { name, bytes, kind } = cell.item;
  const fit = Math.floor((cell.width * picture.widthPx - 2 * PADDING_PX) / CHAR_PX);
  const heightPx = cell.height * picture.heightPx;
  const number = formatInUnit(bytes, unit);
  const shown = fit >= Math.min(name.length, 4) && heightPx >= NAME_HEIGHT_PX ? cutText(name, fit) : null;
  const nameClass = { class: 'cell-code', culprit: 'cell-code cell-culprit', rest: '' }[kind];
  return html`<svg
    x="${percent(cell.x)}"
    y="${percent(cell.y)}"
    width="${percent(cell.width)}"
    height="${percent(cell.height)}"
  >
    <title>${cutText(name, 200)}: ${formatBytes(bytes)}, ${formatShare(bytes / total)} of the heap</title>
    <rect class="${kind === 'culprit' && 'cell-leak'}" width="100%" height="100%" />
    ${shown !== null && html`<text class="cell-name ${nameClass}" x="${PADDING_PX}" y="17">${shown}</text>`}
    ${
      shown !== null &&
      heightPx >= NUMBER_HEIGHT_PX &&
      number.length <= fit &&
      html`<text x="${PADDING_PX}" y="32">${number}</text>`
    }
  </svg>`;
}
