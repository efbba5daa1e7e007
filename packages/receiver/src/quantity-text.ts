const MIB = 1024 * 1024;

/** `37.9 MiB`; below 0.1 MiB `12.3 KiB` or `964 B`. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) >= 0.1 * MIB) return `${(bytes / MIB).toFixed(1)} MiB`;
  if (Math.abs(bytes) >= 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${bytes} B`;
}

/** `78.4 %` of a ratio. */
export function formatRatio(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}

/** `31 ms`, `24.8 s`, `6 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
