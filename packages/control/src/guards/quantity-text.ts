import type { CaptureKind } from '@heapfloor/contract';

const ONE_DECIMAL = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `3,276.8 MiB`. */
export function bytesText(bytes: number): string {
  return `${ONE_DECIMAL.format(bytes / 2 ** 20)} MiB`;
}

/** `2,000 ms` below ten seconds, `25.0 s` below two minutes, `29.9 min` above. */
export function durationText(ms: number): string {
  if (ms < 10_000) return `${WHOLE.format(ms)} ms`;
  return ms < 120_000 ? `${ONE_DECIMAL.format(ms / 1000)} s` : `${ONE_DECIMAL.format(ms / 60_000)} min`;
}

const KIND_TEXT: Readonly<Record<CaptureKind, string>> = {
  'diagnostic-report': 'diagnostic report',
  'heap-profile': 'heap sampling profile',
  'heap-snapshot': 'heap snapshot',
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
