import type { CaptureKind } from '@heapfloor/contract';

const ONE_DECIMAL = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `3,276.8 MiB`. */
export function bytesText(bytes: number): string {
  return `${ONE_DECIMAL.format(bytes / 2 ** 20)} MiB`;
}

/** `95.0%`. */
export function percentText(ratio: number): string {
  return `${ONE_DECIMAL.format(ratio * 100)}%`;
}

/** `2,000 ms` below ten seconds, `25.0 s` below two minutes, `29.9 min` below two hours, `24.0 h` above. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${WHOLE.format(ms)} ms`;
  if (ms < 120_000) return `${ONE_DECIMAL.format(ms / 1000)} s`;
  return ms < 7_200_000
    ? `${ONE_DECIMAL.format(ms / 60_000)} min`
    : `${ONE_DECIMAL.format(ms / 3_600_000)} h`;
}

const KIND_TEXT: Readonly<Record<CaptureKind, string>> = {
  'metrics-summary': 'metrics summary',
  'diagnostic-report': 'diagnostic report',
  'heap-profile': 'heap sampling profile',
  'cpu-profile': 'CPU profile',
  'allocation-timeline': 'allocation timeline',
  'near-heap-limit': 'near-heap-limit snapshot',
  'heap-snapshot': 'heap snapshot',
  inspector: 'inspector',
};

export function kindText(kind: CaptureKind): string {
  return KIND_TEXT[kind];
}

export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function uncapitalize(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
