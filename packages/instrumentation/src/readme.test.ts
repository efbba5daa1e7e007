import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from './errors.ts';
import { parseInstrumentationOptions, type HeapfloorInstrumentationConfig } from './options.ts';
import { REGISTER_VARIABLES } from './register/variables.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** First cells of the table under a heading. */
function firstCells(heading: string): string[] {
  const section = readme.split(`\n## ${heading}`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

describe('README.md', () => {
  it('lists every variable of register mode as the code has it, and no other', () => {
    const rows = REGISTER_VARIABLES.map(({ names, defaultText, meaning }) => {
      const cells = [
        names.map((name) => `\`${name}\``).join(', '),
        defaultText === '' ? '–' : `\`${defaultText}\``,
        meaning,
      ];
      return `| ${cells.join(' | ')} |`;
    });
    expect(readme.split('\n').filter((line) => /^\| `(OTEL|HEAPFLOOR)_/.test(line))).toEqual(rows);
  });

  it('lists every error code and no other, and codes are unique', () => {
    const codes = Object.values(ERROR_CODES);
    expect(new Set(codes).size).toBe(codes.length);
    expect(firstCells('Errors').toSorted()).toEqual(codes.toSorted());
  });

  it('lists every option and no other', () => {
    const names = firstCells('Options of');
    const wrong = { nothing: true } as HeapfloorInstrumentationConfig;
    expect(() => parseInstrumentationOptions(wrong)).toThrow(`there are: ${names.join(', ')}\n`.trim());
  });
});
