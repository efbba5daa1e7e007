/** Numbers as the pages write them: MiB with one decimal, thousands separators, changes with a sign. */
const MIB = 2 ** 20;
const decimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function formatMiB(bytes: number): string {
  return `${decimal.format(bytes / MIB)} MiB`;
}

export function formatCount(count: number): string {
  return whole.format(count);
}

export function formatDelta(count: number): string {
  return `${count > 0 ? '+' : ''}${whole.format(count)}`;
}

export function formatMiBDelta(bytes: number): string {
  return `${bytes > 0 ? '+' : ''}${formatMiB(bytes)}`;
}

export function formatPercent(ratio: number): string {
  return `${whole.format(ratio * 100)} %`;
}

export function formatClock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export function formatDuration(ms: number): string {
  return ms < 1000 ? `${whole.format(ms)} ms` : `${decimal.format(ms / 1000)} s`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** A line of bars, one per ratio; 1 is the full height. */
export function sparkline(ratios: readonly number[]): string {
  return ratios
    .map((ratio) => BARS[Math.max(0, Math.min(BARS.length - 1, Math.floor(ratio * BARS.length)))])
    .join('');
}

/** Names from a heap or a remote answer, without what a terminal would obey. */
export function plainText(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\uFFFD');
}

/** Columns padded to their widest cell; numbers (all but the first column) to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return rows.map(line).join('\n');
}
