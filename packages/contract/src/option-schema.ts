import { OptionsError } from './errors.ts';

/** One row of an options table. */
export interface OptionDoc {
  readonly name: string;
  readonly env: string | null;
  readonly type: string;
  readonly defaultText: string;
  readonly description: string;
  readonly secret: boolean;
}

/** An option in JSON Schema, as `z.toJSONSchema` writes it: the part of it that options use. */
export interface OptionProperty {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly OptionProperty[];
  readonly items?: OptionProperty;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly env?: string;
  readonly secret?: boolean;
}

export type OptionProperties = Readonly<Record<string, OptionProperty>>;

export interface ParseOptionsContext {
  /** What is being started, for the first line of an error: `heapfloor receiver`. */
  readonly what: string;
  /** Code of the {@link OptionsError}. */
  readonly code: string;
  /** Environment to read, if any; `process.env` is read once, in a main file. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A variable that starts so and that no option names is a problem: it is most likely misspelt. */
  readonly envPrefix?: string;
  /** How a person calls an option that was not set by the environment: `--port`. Default: its name. */
  readonly displayName?: (name: string) => string;
  /** Problems found before, to be listed with the others. */
  readonly problems?: readonly string[];
}

/**
 * Options from an object over the environment over the defaults, by a schema that is already JSON: for a thread that must
 * not load zod, which takes 10 MB of it.
 * @throws OptionsError with every problem at once.
 */
export function parseOptionsBySchema(
  properties: OptionProperties,
  input: Readonly<Record<string, unknown>>,
  context: ParseOptionsContext,
): Record<string, unknown> {
  const fromEnv = readEnvOptions(properties, context.env ?? {}, context.envPrefix);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const values: Readonly<Record<string, unknown>> = { ...fromEnv.values, ...given };
  const describe = createDescribe(properties, { values, given, displayName: context.displayName });
  const problems = [...(context.problems ?? []), ...fromEnv.problems];
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(values)) {
    if (properties[name] === undefined) problems.push(`Unrecognized key: ${JSON.stringify(name)}`);
  }
  for (const [name, property] of Object.entries(properties)) {
    const value = name in values ? values[name] : property.default;
    const problem = value === undefined ? null : findProblem(value, property);
    if (problem !== null) problems.push(describe(name, problem));
    else if (value !== undefined) options[name] = value;
  }
  if (problems.length > 0) throw new OptionsError(context.code, context.what, problems);
  return options;
}

/** Values that the environment sets; empty text means absent. */
export function readEnvOptions(
  properties: OptionProperties,
  env: Readonly<Record<string, string | undefined>>,
  envPrefix?: string,
): { values: Record<string, unknown>; problems: string[] } {
  const values: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, property] of Object.entries(properties)) {
    if (property.env === undefined) continue;
    known.add(property.env);
    const text = env[property.env];
    if (text !== undefined && text.trim() !== '') values[name] = valueFromText(text, property);
  }
  const unknown = Object.keys(env).filter(
    (name) => envPrefix !== undefined && name.startsWith(envPrefix) && !known.has(name),
  );
  const problems = unknown.map((name) => `${name}: no such variable; there are: ${[...known].join(', ')}`);
  return { values, problems };
}

/** Rows of a package's options table, in the order of the schema. */
export function documentProperties(properties: OptionProperties): OptionDoc[] {
  return Object.entries(properties).map(([name, property]) => ({
    name,
    env: property.env ?? null,
    type: typeText(property),
    defaultText: property.default === undefined ? '' : JSON.stringify(property.default),
    description: property.description ?? '',
    secret: property.secret ?? false,
  }));
}

interface DescribeContext {
  readonly values: Readonly<Record<string, unknown>>;
  readonly given: Readonly<Record<string, unknown>>;
  readonly displayName: ((name: string) => string) | undefined;
}

/** Names the option as whoever set it did, and shows what was seen unless that is secret. */
export function createDescribe(
  properties: OptionProperties,
  { values, given, displayName = (name) => name }: DescribeContext,
): (name: string, problem: string) => string {
  return (name, problem) => {
    const property = properties[name];
    const isFromEnv = !(name in given) && name in values && property?.env !== undefined;
    const shown = isFromEnv ? property.env : displayName(name);
    const value = values[name];
    const seen =
      value === undefined || property?.secret === true ? '' : `, got ${JSON.stringify(value).slice(0, 60)}`;
    return `${shown}: ${problem}${seen}`;
  };
}

function valueFromText(text: string, property: OptionProperty): unknown {
  const types = [property, ...(property.anyOf ?? [])].map((schema) => schema.type);
  if (types.includes('array')) {
    const items = text.split(',').map((item) => item.trim());
    return items.filter((item) => item !== '').map((item) => valueFromText(item, property.items ?? {}));
  }
  // Text that is no number or boolean is handed on as it is: the schema's own message then names what it saw.
  if (types.includes('integer') || types.includes('number'))
    return Number.isNaN(Number(text)) ? text : Number(text);
  if (types.includes('boolean')) return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

function typeText(property: OptionProperty): string {
  if (property.enum !== undefined) return property.enum.join(' | ');
  if (property.type === 'array') return `list of ${typeText(property.items ?? {})}`;
  if (property.anyOf !== undefined) return property.anyOf.map(typeText).join(' | ');
  return property.type ?? 'value';
}

/** What is wrong with a value; null when nothing is. */
function findProblem(value: unknown, property: OptionProperty): string | null {
  if (property.enum !== undefined && !property.enum.includes(value)) {
    return `expected one of ${property.enum.join(', ')}`;
  }
  if (property.type === 'array') return findListProblem(value, property);
  if (property.type === 'string') return findTextProblem(value, property);
  if (property.type === 'integer' || property.type === 'number') return findNumberProblem(value, property);
  return property.type !== 'boolean' || typeof value === 'boolean' ? null : 'expected true or false';
}

function findListProblem(value: unknown, { items = {}, maxItems = Infinity }: OptionProperty): string | null {
  if (!Array.isArray(value)) return 'expected a list';
  if (value.length > maxItems) return `expected at most ${maxItems} items`;
  return value.map((item) => findProblem(item, items)).find((problem) => problem !== null) ?? null;
}

function findTextProblem(value: unknown, property: OptionProperty): string | null {
  const { minLength = 0, maxLength = Infinity, pattern } = property;
  if (typeof value !== 'string') return 'expected text';
  if (value.length < minLength) return `expected at least ${minLength} character(s)`;
  if (value.length > maxLength) return `expected at most ${maxLength} characters`;
  return pattern === undefined || new RegExp(pattern).test(value) ? null : `expected text like ${pattern}`;
}

function findNumberProblem(value: unknown, property: OptionProperty): string | null {
  const { type, minimum = -Infinity, maximum = Infinity } = property;
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'expected a number';
  if (type === 'integer' && !Number.isSafeInteger(value)) return 'expected a whole number';
  if (value < minimum) return `expected at least ${minimum}`;
  return value > maximum ? `expected at most ${maximum}` : null;
}
