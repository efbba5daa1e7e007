import { readFileSync } from 'node:fs';
import { documentOptions } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { HEAP_ANALYSIS_ERROR_KINDS, HeapAnalysisError, type HeapAnalysisErrorCode } from './errors.ts';
import { analysisLimits } from './options.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('lists every error code with who has to act, and no other', () => {
    const rows = [...readme.matchAll(/^\| `(?<code>HEAP_ANALYSIS_\w+)` \| (?<kind>\w+) \|/gm)].map(
      ({ groups }) => [groups?.['code'], groups?.['kind']],
    );
    expect(Object.fromEntries(rows)).toEqual(HEAP_ANALYSIS_ERROR_KINDS);
  });

  it('lists every option as the schema has it', () => {
    for (const { name, env, type, defaultText, description } of documentOptions(analysisLimits)) {
      expect(readme).toContain(`| \`${name}\` | \`${env}\` | ${type} | ${defaultText} | ${description} |`);
    }
  });
});

it('an error has its code, kind, status and place', () => {
  const code: HeapAnalysisErrorCode = 'HEAP_ANALYSIS_TRUNCATED';
  expect(new HeapAnalysisError(code, 'cut', { byteOffset: 7 })).toMatchObject({
    name: 'HeapAnalysisError',
    code,
    kind: 'caller',
    status: 400,
    byteOffset: 7,
  });
  expect(new HeapAnalysisError('HEAP_ANALYSIS_CHILD_CRASHED', 'x')).toMatchObject({
    status: 500,
    byteOffset: null,
  });
});
