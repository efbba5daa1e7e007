import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OptionsError } from './errors.ts';
import { documentOptions, parseOptions } from './options.ts';

const schema = z.strictObject({
  port: z.int().min(0).default(9464).meta({ env: 'APP_PORT', description: 'Port to listen on.' }),
  kinds: z
    .array(z.enum(['a', 'b']))
    .default([])
    .meta({ env: 'APP_KINDS' }),
  verbose: z.boolean().default(false).meta({ env: 'APP_VERBOSE' }),
});

const context = { what: 'app', code: 'APP_OPTIONS' };

describe('parseOptions', () => {
  it('prefers given options over the environment over defaults', () => {
    const env = { APP_PORT: '1', APP_KINDS: 'a, b', APP_VERBOSE: 'true' };
    expect(parseOptions(schema, { port: 2 }, { ...context, env })).toEqual({
      port: 2,
      kinds: ['a', 'b'],
      verbose: true,
    });
    expect(parseOptions(schema, {}, context).port).toBe(9464);
  });

  it('takes empty text as absent', () => {
    expect(parseOptions(schema, {}, { ...context, env: { APP_PORT: '' } }).port).toBe(9464);
  });

  it('lists every problem at once', () => {
    const env = { APP_PORT: 'many', APP_KINDS: 'c', APP_PROT: '1' };
    const act = (): unknown =>
      parseOptions(schema, { colour: 'red' }, { ...context, env, envPrefix: 'APP_' });
    expect(act).toThrow(OptionsError);
    expect(act).toThrow(/4 problem.*APP_PROT.*APP_PORT: .*got "many".*APP_KINDS: .*colour/s);
  });
});

describe('documentOptions', () => {
  it('gives one row per option with its variable, type and default', () => {
    expect(documentOptions(schema)[0]).toEqual({
      name: 'port',
      env: 'APP_PORT',
      type: 'integer',
      defaultText: '9464',
      description: 'Port to listen on.',
      secret: false,
    });
  });
});
