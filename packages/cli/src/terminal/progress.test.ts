import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.ts';

function capture(isTerminal: boolean): {
  readonly read: () => string;
  progress: ReturnType<typeof createProgress>;
  clock: { ms: number };
} {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  const clock = { ms: 0 };
  const progress = createProgress(stream, { isTerminal, columns: 40, now: () => clock.ms });
  return { read: () => written, progress, clock };
}

describe('createProgress', () => {
  it('replaces the live line on a terminal and cuts it to the width', () => {
    const { read, progress } = capture(true);
    progress.live('floor 61 %', 'x'.repeat(60));
    progress.step('alert', 'fired');
    const [live = '', ...rest] = read().split('\r\u001B[K').slice(1);
    expect(live).toHaveLength(39);
    expect(rest).toEqual(['✔ alert           fired\n']);
  });

  it('prints the live line elsewhere at most every 10 s, without control characters', () => {
    const { read, progress, clock } = capture(false);
    progress.live('floor', 'one');
    progress.live('floor', 'two');
    clock.ms = 10_000;
    progress.live('floor', 'three');
    expect(read()).toBe('▸ floor           one\n▸ floor           three\n');
  });
});
