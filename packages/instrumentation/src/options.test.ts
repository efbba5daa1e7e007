import { describe, expect, it } from 'vitest';
import { InstrumentationOptionsError } from './errors.ts';
import { parseInstrumentationOptions, type HeapfloorInstrumentationConfig } from './options.ts';

describe('parseInstrumentationOptions', () => {
  it('exports only our own namespace by default', () => {
    expect(parseInstrumentationOptions({})).toEqual({
      enabled: true,
      families: [],
      details: [],
      windowMs: 60_000,
      exactFloor: true,
      flushOnBreach: true,
    });
  });

  it.each([
    ['all', ['process', 'eventloop', 'resources']],
    ['none', []],
    [['resources', 'resources'], ['resources']],
  ] as const)('takes semconv %j', (semconv, families) => {
    expect(parseInstrumentationOptions({ semconv }).families).toEqual(families);
  });

  it.each([
    ['all', ['growth', 'heap-spaces-all', 'gc', 'eventloop-all', 'lag']],
    ['none', []],
    [
      ['gc', 'lag', 'gc'],
      ['gc', 'lag'],
    ],
    [['heap-spaces'], ['heap-spaces']],
    [['heap-spaces', 'heap-spaces-all'], ['heap-spaces-all']],
  ] as const)('takes details %j', (details, expected) => {
    expect(parseInstrumentationOptions({ details }).details).toEqual(expected);
  });

  it('reports every problem at once', () => {
    const config = {
      enabled: 'yes',
      semconv: ['disk'],
      details: 'some',
      windowSeconds: 0.5,
      exactFloor: null,
      flushOnBreach: 1,
      interval: 3,
    } as unknown as HeapfloorInstrumentationConfig;
    let error: unknown;
    try {
      parseInstrumentationOptions(config);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InstrumentationOptionsError);
    expect((error as InstrumentationOptionsError).problems).toEqual([
      'interval: no such option; there are: enabled, semconv, details, windowSeconds, exactFloor, flushOnBreach',
      'enabled: "yes" is not a boolean',
      'exactFloor: null is not a boolean',
      'flushOnBreach: 1 is not a boolean',
      `semconv: ["disk"] is neither 'all', 'none' nor a list of process, eventloop, resources`,
      `details: "some" is neither 'all', 'none' nor a list of growth, heap-spaces, heap-spaces-all, gc, eventloop-all, lag`,
      'windowSeconds: 0.5 is not a number from 1 to 86400',
    ]);
  });
});
