import type { MetricDeclaration } from '@heapfloor/contract/metrics';

/**
 * Unit words of the translation, as prometheus/otlptranslator 51da773 `unit_namer.go` has them; a unit that is not
 * here keeps its own spelling.
 */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/**
 * The name under which Prometheus stores an OTLP metric with its default translation strategy
 * `UnderscoreEscapingWithSuffixes` (prometheus/otlptranslator 51da773 `metric_namer.go`).
 */
export function prometheusName(metric: Pick<MetricDeclaration, 'name' | 'instrument' | 'unit'>): string {
  const tokens = metric.name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  for (const word of unitWords(metric.unit)) {
    if (!tokens.includes(word)) tokens.push(word);
  }
  if (metric.instrument === 'counter') moveToEnd(tokens, 'total');
  // An up-down counter of unit 1 is no ratio to the translator: only a gauge is.
  if (metric.instrument === 'gauge' && metric.unit === '1') moveToEnd(tokens, 'ratio');
  return tokens.join('_');
}

/** The label that an OTLP attribute becomes. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(/[^a-zA-Z0-9_]+/g, '_');
}

function unitWords(unit: string): string[] {
  const [main = '', per = ''] = unit.split('/', 2).map((part) => part.trim());
  const words = [];
  if (main !== '' && !isAnnotation(main)) words.push(clean(UNIT_WORDS[main] ?? main));
  if (per !== '' && !isAnnotation(per)) words.push(`per_${clean(PER_WORDS[per] ?? per)}`);
  return words.filter((word) => word !== '' && word !== 'per_');
}

/** `{gc}` says what is counted and adds nothing to the name. */
function isAnnotation(unit: string): boolean {
  return unit.includes('{') || unit.includes('}');
}

function clean(word: string): string {
  return word
    .replaceAll(/[^a-zA-Z0-9:]/g, '_')
    .replaceAll(/_+/g, '_')
    .replaceAll(/^_|_$/g, '');
}

function moveToEnd(tokens: string[], word: string): void {
  for (let at = tokens.indexOf(word); at !== -1; at = tokens.indexOf(word)) tokens.splice(at, 1);
  tokens.push(word);
}
