import { parseArgs, type ParseArgsConfig } from 'node:util';
import { documentOptions, parseOptions, type OptionDoc } from '@heapfloor/contract';
import type { z } from 'zod';

export interface CommandInput<Options> {
  readonly options: Options;
  readonly positionals: readonly string[];
}

export interface ArgumentRules {
  /** `heapfloor compare`, for errors. */
  readonly command: string;
  /** Positional arguments that the command takes: lowest and highest number. */
  readonly positionals: readonly [number, number];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly envPrefix?: string;
}

/**
 * Flags derived from an options schema (`snapshotGapMs` is `--snapshot-gap-ms`), over the environment, over defaults.
 * @throws OptionsError naming every problem.
 */
export function parseArguments<Schema extends z.ZodObject>(
  schema: Schema,
  args: readonly string[],
  rules: ArgumentRules,
): CommandInput<z.output<Schema>> {
  const docs = documentOptions(schema);
  const { values, positionals, problems } = splitArguments(docs, args, rules);
  const given = Object.fromEntries(docs.map((doc) => [doc.name, fromFlag(values[toFlag(doc.name)], doc)]));
  return {
    positionals,
    options: parseOptions(schema, given, {
      what: rules.command,
      code: 'CLI_OPTIONS',
      displayName: (name) => `--${toFlag(name)}`,
      problems,
      ...(rules.env === undefined ? {} : { env: rules.env }),
      ...(rules.envPrefix === undefined ? {} : { envPrefix: rules.envPrefix }),
    }),
  };
}

/** Lines of a flag table for `--help`. */
export function describeFlags(schema: z.ZodObject): string {
  const docs = documentOptions(schema);
  const left = docs.map(
    (doc) => `--${toFlag(doc.name)}${doc.type === 'boolean' ? '' : ` <${shortType(doc)}>`}`,
  );
  const width = Math.max(0, ...left.map((text) => text.length));
  return docs
    .map((doc, index) => {
      const notes = [
        shortType(doc) === doc.type ? '' : `one of ${doc.type.replaceAll(' | ', ', ')}`,
        doc.defaultText === '' ? '' : `default ${doc.defaultText}`,
        doc.env === null ? '' : doc.env,
      ].filter((note) => note !== '');
      const suffix = notes.length > 0 ? ` (${notes.join('; ')})` : '';
      return `  ${(left[index] ?? '').padEnd(width)}  ${doc.description}${suffix}`;
    })
    .join('\n');
}

/** A long list of choices would push the descriptions of all flags off the screen. */
function shortType({ type }: OptionDoc): string {
  return type.length > 30 && type.includes(' | ') ? 'choice' : type;
}

type FlagValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Everything wrong with the line is collected, so that one run names it all. */
function splitArguments(
  docs: readonly OptionDoc[],
  args: readonly string[],
  { command, positionals: [lowest, highest] }: ArgumentRules,
): { values: FlagValues; positionals: string[]; problems: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    docs.map((doc) => [toFlag(doc.name), { type: doc.type === 'boolean' ? 'boolean' : 'string' }]),
  );
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    allowNegative: true,
    strict: false,
  });
  const problems = Object.entries(values).flatMap(([flag, value]) => {
    const type = options[flag]?.type;
    if (type === undefined) return [`--${flag}: no such flag; see ${command} --help`];
    if (type === 'string' && typeof value !== 'string') return [`--${flag}: needs a value`];
    return type === 'boolean' && typeof value === 'string'
      ? [`--${flag}: takes no value, got "${value}"`]
      : [];
  });
  if (positionals.length < lowest || positionals.length > highest) {
    const expected = lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
    problems.push(
      `${expected} argument(s) besides the flags are expected, ${positionals.length} given; see ${command} --help`,
    );
  }
  return { values, positionals, problems };
}

function fromFlag(value: FlagValues[string], doc: OptionDoc): unknown {
  if (typeof value !== 'string') return value;
  if (doc.type.startsWith('list of')) return value.split(',').map((item) => item.trim());
  const isNumber =
    /\b(integer|number)\b/.test(doc.type) && value.trim() !== '' && !Number.isNaN(Number(value));
  return isNumber ? Number(value) : value;
}

function toFlag(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
