import { readFileSync } from 'node:fs';
import { documentOptions } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { CONTROL_ERRORS } from './errors.ts';
import { controlOptions } from './options.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it('has the options table of the schema', () => {
    const rows = documentOptions(controlOptions).map(
      ({ name, env, defaultText, description }) =>
        `| \`${name}\` | \`${env}\` | ${defaultText} | ${description} |`,
    );
    const table = ['| option | variable | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
    expect(readme).toContain(table);
  });

  it('documents exactly the error codes with their status', () => {
    const rows = readme.matchAll(/^\| `(CONTROL_\w+)` \| (\d+|–) \|/gm);
    const documented = Array.from(rows, ([, code, status]) => `${code} ${status}`);
    const declared = Object.entries(CONTROL_ERRORS).map(([code, { status }]) => `${code} ${status ?? '–'}`);
    expect(documented.toSorted()).toEqual(declared.toSorted());
  });
});
