import { optionProperties, parseOptions, type OptionProperties } from '@heapfloor/contract';
import { parseOptionsBySchema } from '@heapfloor/contract/option-schema';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlOptions } from './options.ts';
import { OPTIONS_TABLE } from './options-table.ts';

const context = { what: 'control', code: 'X' };
const names = Object.keys(OPTIONS_TABLE);
const values = fc.oneof(
  fc.integer({ min: -2, max: 1e10 }),
  fc.double(),
  fc.boolean(),
  fc.string({ maxLength: 300 }),
  fc.constantFrom('SIGUSR2', 'SIG', 'unix:/a', 'heap-snapshot', null, {}),
  fc.array(fc.constantFrom('heap-snapshot', 'heap-profile', 'x', '', 3), { maxLength: 4 }),
);

/** The options, or the names of those that are wrong. */
function outcome(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    const { problems } = error as { readonly problems: readonly string[] };
    return new Set(problems.map((problem) => problem.split(':')[0]));
  }
}

describe('OPTIONS_TABLE', () => {
  it('is the schema of the options; else run npm run generate', () => {
    expect(OPTIONS_TABLE).toEqual(
      JSON.parse(JSON.stringify(optionProperties(controlOptions))) as OptionProperties,
    );
  });

  it('takes and refuses what zod takes and refuses', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 4 }), (input) => {
        const byTable = outcome(() => parseOptionsBySchema(OPTIONS_TABLE, input, context));
        const byZod = outcome(() => parseOptions(controlOptions, input, context));
        expect(byTable).toEqual(byZod);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses options and variables that are not there', () => {
    const env = { HEAPFLOOR_CONTROL_KINDZ: 'x' };
    expect(() =>
      parseOptionsBySchema(
        OPTIONS_TABLE,
        { colour: 'red' },
        { ...context, env, envPrefix: 'HEAPFLOOR_CONTROL_' },
      ),
    ).toThrow(/2 problem.*HEAPFLOOR_CONTROL_KINDZ: no such variable.*Unrecognized key: "colour"/s);
  });
});
