import { expect, it } from 'vitest';
import { pickConditions } from './start-control.ts';

it('hands package conditions to the control thread in every spelling, and nothing else', () => {
  const execArgv = [
    '--conditions=a',
    '--conditions',
    'b',
    '-C',
    'c',
    '--import',
    './hook.js',
    '--inspect',
    '-C',
  ];
  expect(pickConditions(execArgv)).toEqual(['--conditions=a', '--conditions=b', '--conditions=c']);
});
