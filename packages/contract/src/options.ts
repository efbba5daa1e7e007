import { z } from 'zod';
import { OptionsError } from './errors.ts';
import {
  createDescribe,
  documentProperties,
  readEnvOptions,
  type OptionDoc,
  type OptionProperties,
  type ParseOptionsContext,
} from './option-schema.ts';

/** What a field's `.meta({...})` may say besides its description. */
declare module 'zod' {
  interface GlobalMeta {
    /** Environment variable that sets the option. */
    env?: string;
    /** Never shown in a log, an error or a page. */
    secret?: boolean;
  }
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
  const properties = optionProperties(schema);
  const fromEnv = readEnvOptions(properties, context.env ?? {}, context.envPrefix);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const values: Readonly<Record<string, unknown>> = { ...fromEnv.values, ...given };
  const result = schema.safeParse(values);
  const issues = result.success ? [] : result.error.issues;
  const describe = createDescribe(properties, { values, given, displayName: context.displayName });
  const found = issues.map(({ path: [name = ''], message }) =>
    name === '' ? message : describe(String(name), message),
  );
  const problems = [...(context.problems ?? []), ...fromEnv.problems, ...found];
  if (problems.length > 0 || !result.success) throw new OptionsError(context.code, context.what, problems);
  return result.data;
}

/** Rows of a package's options table, in the order of the schema. */
export function documentOptions(schema: z.ZodObject): OptionDoc[] {
  return documentProperties(optionProperties(schema));
}

/** The options as JSON Schema, for `parseOptionsBySchema`. */
export function optionProperties(schema: z.ZodObject): OptionProperties {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return (json.properties ?? {}) as OptionProperties;
}
