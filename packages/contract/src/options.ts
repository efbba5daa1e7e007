import { z } from 'zod';
import { OptionsError } from './errors.ts';

/** What a field's `.meta({...})` may say besides its description. */
declare module 'zod' {
  interface GlobalMeta {
    /** Environment variable that sets the option. */
    env?: string;
    /** Never shown in a log, an error or a page. */
    secret?: boolean;
  }
}

/** One row of an options table. */
export interface OptionDoc {
  readonly name: string;
  readonly env: string | null;
  readonly type: string;
  readonly defaultText: string;
  readonly description: string;
  readonly secret: boolean;
}

interface PropertySchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly PropertySchema[];
  readonly items?: PropertySchema;
  readonly default?: unknown;
  readonly description?: string;
  readonly env?: string;
  readonly secret?: boolean;
}

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
 * Options from an object over the environment over the defaults.
 * @throws OptionsError with every problem at once.
 */
export function parseOptions<Schema extends z.ZodObject>(
  schema: Schema,
  input: Readonly<Record<string, unknown>>,
  context: ParseOptionsContext,
): z.output<Schema> {
  const fromEnv = readEnvOptions(schema, context.env ?? {}, context.envPrefix);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const values: Readonly<Record<string, unknown>> = { ...fromEnv.values, ...given };
  const result = schema.safeParse(values);
  const issues = result.success ? [] : result.error.issues;
  const describe = createDescribe(schema, { values, given, displayName: context.displayName });
  const problems = [...(context.problems ?? []), ...fromEnv.problems, ...issues.map(describe)];
  if (problems.length > 0 || !result.success) throw new OptionsError(context.code, context.what, problems);
  return result.data;
}

/** Values that the environment sets; empty text means absent. */
export function readEnvOptions(
  schema: z.ZodObject,
  env: Readonly<Record<string, string | undefined>>,
  envPrefix?: string,
): { values: Record<string, unknown>; problems: string[] } {
  const values: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, property] of Object.entries(properties(schema))) {
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
export function documentOptions(schema: z.ZodObject): OptionDoc[] {
  return Object.entries(properties(schema)).map(([name, property]) => ({
    name,
    env: property.env ?? null,
    type: typeText(property),
    defaultText: property.default === undefined ? '' : JSON.stringify(property.default),
    description: property.description ?? '',
    secret: property.secret ?? false,
  }));
}

function properties(schema: z.ZodObject): Record<string, PropertySchema> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return (json.properties ?? {}) as Record<string, PropertySchema>;
}

function valueFromText(text: string, property: PropertySchema): unknown {
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

function typeText(property: PropertySchema): string {
  if (property.enum !== undefined) return property.enum.join(' | ');
  if (property.type === 'array') return `list of ${typeText(property.items ?? {})}`;
  if (property.anyOf !== undefined) return property.anyOf.map(typeText).join(' | ');
  return property.type ?? 'value';
}

interface DescribeContext {
  readonly values: Readonly<Record<string, unknown>>;
  readonly given: Readonly<Record<string, unknown>>;
  readonly displayName: ((name: string) => string) | undefined;
}

/** Names the option as whoever set it did, and shows what was seen unless that is secret. */
function createDescribe(
  schema: z.ZodObject,
  { values, given, displayName = (name) => name }: DescribeContext,
): (issue: z.core.$ZodIssue) => string {
  const documented = properties(schema);
  return (issue) => {
    const name = String(issue.path[0] ?? '');
    if (name === '') return issue.message;
    const property = documented[name];
    const isFromEnv = !(name in given) && name in values && property?.env !== undefined;
    const shown = isFromEnv ? property.env : displayName(name);
    const value = values[name];
    const seen =
      value === undefined || property?.secret === true ? '' : `, got ${JSON.stringify(value).slice(0, 60)}`;
    return `${shown}: ${issue.message}${seen}`;
  };
}
