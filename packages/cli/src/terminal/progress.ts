import type { Writable } from 'node:stream';

/** One line per step that happened; on a terminal one line at the bottom that moves. */
export interface Progress {
  /** A step that happened. */
  step(label: string, detail: string): void;
  /** A line that belongs to the step above. */
  note(detail: string): void;
  /** What is going on now; replaced by the next call. Elsewhere than on a terminal printed at most every 10 s. */
  live(label: string, detail: string): void;
  /** A station failed. */
  fail(label: string, detail: string): void;
}

export interface ProgressOptions {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly now: () => number;
}

const LABEL_WIDTH = 16;
const LIVE_INTERVAL_MS = 10_000;

export function createProgress(stream: Writable, options: ProgressOptions): Progress {
  let hasLiveLine = false;
  let lastLiveAt = Number.NEGATIVE_INFINITY;

  function write(symbol: string, label: string, detail: string): void {
    const clear = hasLiveLine ? '\r\u001B[K' : '';
    hasLiveLine = false;
    stream.write(`${clear}${symbol} ${label.padEnd(LABEL_WIDTH)}${detail}\n`);
  }

  return {
    step: (label, detail) => write('✔', label, detail),
    note: (detail) => write(' ', '', detail),
    fail: (label, detail) => write('✖', label, detail),
    live(label, detail) {
      if (options.isTerminal) {
        const line = `▸ ${label.padEnd(LABEL_WIDTH)}${detail}`;
        stream.write(`\r\u001B[K${line.slice(0, options.columns - 1)}`);
        hasLiveLine = true;
      } else if (options.now() - lastLiveAt >= LIVE_INTERVAL_MS) {
        lastLiveAt = options.now();
        write('▸', label, detail);
      }
    },
  };
}
