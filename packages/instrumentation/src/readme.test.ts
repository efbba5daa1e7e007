import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OWN_METRICS, SEMCONV_METRICS, type MetricDeclaration } from '@heapfloor/contract/metrics';
import { ERROR_CODES } from './errors.ts';
import { parseInstrumentationOptions, type HeapfloorInstrumentationConfig } from './options.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function metricRow({ name, instrument, unit, attributes, description }: MetricDeclaration): string {
  const attributeText = attributes.map((attribute) => `\`${attribute}\``).join(', ') || '–';
  return `| \`${name}\` | ${instrument} | \`${unit}\` | ${attributeText} | ${description} |`;
}

/** First cells of the table under a heading. */
function firstCells(heading: string): string[] {
  const section = readme.split(`\n## ${heading}`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

describe('README.md', () => {
  it('lists the metrics of the contract, as they are declared there', () => {
    const rows = readme.split('\n').filter((line) => /^\| `(heapfloor|process|nodejs|v8js)\./.test(line));
    expect(rows).toEqual([...OWN_METRICS, ...SEMCONV_METRICS].map(metricRow));
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
