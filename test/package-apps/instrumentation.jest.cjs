/* globals jest, test, expect, afterEach -- of Jest */
const { HeapfloorInstrumentation } = require('@heapfloor/instrumentation');

afterEach(() => jest.useRealTimers());

test('the instrumentation starts and stops under Jest, also with its fake clock, again and again', () => {
  for (const isFake of [false, true, false]) {
    if (isFake) jest.useFakeTimers();
    else jest.useRealTimers();
    const instrumentation = new HeapfloorInstrumentation({ semconv: 'all', details: 'all' });
    instrumentation.disable();
    instrumentation.enable();
    if (isFake) jest.advanceTimersByTime(300_000);
    instrumentation.disable();
  }
});

test('a started one that nobody stops does not keep Jest from ending', () => {
  expect(new HeapfloorInstrumentation({ semconv: 'all' }).getConfig().enabled).toBe(true);
});
