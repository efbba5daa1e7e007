import { OptionsError } from '@heapfloor/contract';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeFlags, parseArguments } from './arguments.ts';

const schema = z.strictObject({
  snapshotGapMs: z.int().min(0).default(5).meta({ description: 'Pause.', env: 'T_GAP' }),
  kinds: z.array(z.enum(['a', 'b'])).default([]),
  dryRun: z.boolean().default(false),
  name: z.string().optional(),
});
const rules = { command: 'heapfloor test', positionals: [0, 1] } as const;

describe('parseArguments', () => {
  it('derives kebab-case flags from the schema and turns text into its types', () => {
    const args = ['--snapshot-gap-ms', '7', '--kinds=a,b', '--dry-run', 'file'];
    expect(parseArguments(schema, args, rules)).toEqual({
      options: { snapshotGapMs: 7, kinds: ['a', 'b'], dryRun: true },
      positionals: ['file'],
    });
  });

  it('prefers a flag over the environment', () => {
    const env = { T_GAP: '9' };
    expect(parseArguments(schema, [], { ...rules, env }).options.snapshotGapMs).toBe(9);
    expect(parseArguments(schema, ['--snapshot-gap-ms=1'], { ...rules, env }).options.snapshotGapMs).toBe(1);
  });

  it('lists unknown flags, wrong values and wrong variables at once, under the names that were used', () => {
    const args = ['--snapshot-gap', '7', '--kinds=c', '--name', 'a', 'b', 'c'];
    const env = { T_GAP: 'soon' };
    expect(() => parseArguments(schema, args, { ...rules, env })).toThrow(OptionsError);
    expect(() => parseArguments(schema, args, { ...rules, env })).toThrow(
      /4 problem.*--snapshot-gap: no such flag.*argument\(s\).*T_GAP: .*got "soon".*--kinds: .*got \["c"\]/s,
    );
  });

  it('tells a flag that lacks its value', () => {
    expect(() => parseArguments(schema, ['--name'], rules)).toThrow(/--name: needs a value/);
  });

  it('refuses too many arguments', () => {
    expect(() => parseArguments(schema, ['a', 'b'], rules)).toThrow(/0 to 1 argument/);
  });
});

describe('describeFlags', () => {
  it('shows type, description, default and variable', () => {
    expect(describeFlags(schema)).toContain('--snapshot-gap-ms <integer>  Pause. (default 5; T_GAP)');
  });
});
