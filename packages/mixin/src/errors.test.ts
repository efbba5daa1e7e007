import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as errors from './errors.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('error codes', () => {
  it('are unique and are those of the README', () => {
    const codes = [
      new errors.NumberInvalidError('x', 0),
      new errors.MetricUnknownError('x'),
      new errors.MarkerMissingError('x'),
    ].map(({ code }) => code);
    expect(codes).toHaveLength(Object.keys(errors).length);
    const documented = [...README.matchAll(/^\| `(MIXIN_[A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(new Set(documented)).toEqual(new Set(codes));
    expect(new Set(codes).size).toBe(codes.length);
  });
});
