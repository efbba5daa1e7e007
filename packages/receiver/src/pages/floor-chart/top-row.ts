import { GAP_PX, PLOT_WIDTH_PX, textPx, WIDE_PLOT_WIDTH_PX } from './label-metrics.ts';

/** A label over the limit line: where it hangs on the plot, and by how many px it is moved from there. */
export interface TopLabel {
  readonly position: number;
  readonly anchor: 'start' | 'end';
  readonly dx: number;
}

export interface TopRow {
  readonly alert: TopLabel;
  /** The limit's own place is the left edge; an alert there pushes it to the right. */
  readonly limit: TopLabel;
}

export interface TopTexts {
  readonly limit: string;
  readonly alert: string;
  /** At the right edge: on a phone, and at a desk with a word more. */
  readonly forecast: { readonly short: string; readonly long: string } | null;
}

/** Limit at the left, forecast at the right, the alert at its line between them or, at the left, before the limit. */
export function placeTopRow(position: number, texts: TopTexts): TopRow {
  const limitEnd = textPx(texts.limit) + GAP_PX;
  const width = textPx(texts.alert);
  const at = position * PLOT_WIDTH_PX;
  const roomEnd = forecastStart(texts, PLOT_WIDTH_PX);
  if (at >= limitEnd && limitEnd + width <= roomEnd) {
    const start = Math.max(limitEnd, Math.min(at - width, roomEnd - width));
    const slide = start + width - at;
    const overlap = position * WIDE_PLOT_WIDTH_PX + slide - forecastStart(texts, WIDE_PLOT_WIDTH_PX);
    const dx = Math.round(slide - Math.max(0, overlap)) || 2;
    return { alert: { position, anchor: 'end', dx }, limit: { position: 0, anchor: 'start', dx: 0 } };
  }
  const slide = Math.round(Math.max(0, at - width) - at);
  return {
    alert: { position, anchor: 'start', dx: slide },
    limit: { position, anchor: 'start', dx: slide + Math.round(width + GAP_PX) },
  };
}

function forecastStart({ forecast }: TopTexts, widthPx: number): number {
  if (forecast === null) return widthPx;
  const text = widthPx < WIDE_PLOT_WIDTH_PX ? forecast.short : forecast.long;
  return widthPx - textPx(text) - GAP_PX;
}
