import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setDiagLogger } from './diag-logger.ts';

afterEach(() => diag.disable());

const none = (): void => {};

/** Without what the API says about the logger itself. */
function own(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !line.includes('Registered a global'))
    .map((line) => line.replace('OpenTelemetry ', ''));
}

/** What is written when each level says its name once. */
function linesAt(level: string | undefined): { lines: string[]; problems: readonly string[] } {
  const lines: string[] = [];
  const problems = setDiagLogger({ OTEL_LOG_LEVEL: level }, (line) => lines.push(line));
  diag.error('e');
  diag.warn('w');
  diag.info('i');
  diag.debug('d');
  diag.verbose('v');
  return { lines: own(lines), problems };
}

describe('setDiagLogger', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['none', []],
    ['ERROR', ['error: e']],
    ['warn', ['error: e', 'warn: w']],
    ['info', ['error: e', 'warn: w', 'info: i']],
    ['debug', ['error: e', 'warn: w', 'info: i', 'debug: d']],
    ['all', ['error: e', 'warn: w', 'info: i', 'debug: d', 'verbose: v']],
  ])('with OTEL_LOG_LEVEL=%s writes %j', (level, expected) => {
    expect(linesAt(level)).toEqual({ lines: expected, problems: [] });
  });

  it('takes info for a level that there is not, and says so', () => {
    const { lines, problems } = linesAt('loud');
    expect(lines).toHaveLength(3);
    expect(problems[0]).toMatch(/^OTEL_LOG_LEVEL="loud": not one of .*; info it is$/);
  });

  it('leaves the logger of the app in place', () => {
    const warn = vi.fn<() => void>();
    diag.setLogger({ error: none, warn, info: none, debug: none, verbose: none }, DiagLogLevel.WARN);
    expect(linesAt('all').lines).toEqual([]);
    expect(warn).toHaveBeenCalledExactlyOnceWith('w');
  });

  it('prints what comes with a message, but no password', () => {
    const lines: string[] = [];
    setDiagLogger({ OTEL_LOG_LEVEL: 'all' }, (line) => lines.push(line));
    diag.warn('bad url', { url: 'http://user:secret@collector' }, 7);
    expect(own(lines)).toEqual(["warn: bad url { url: 'http://***@collector' } 7"]);
  });
});
