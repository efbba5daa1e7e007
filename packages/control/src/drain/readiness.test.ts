import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDrainMemory, IS_DRAINING, IS_UP } from './drain-cells.ts';
import { connectReadiness, isReady, setUp } from './readiness.ts';

let cells: Int32Array;
let server: Server | null;
let connected: { readonly stop: () => void } | null;

beforeEach(() => {
  cells = new Int32Array(createDrainMemory());
  server = null;
  connected = null;
  forgetApp();
});
afterEach(() => {
  server?.close();
  connected?.stop();
  forgetApp();
});

const isUp = (): number => Atomics.load(cells, IS_UP);

describe('isReady', () => {
  it('is true where control is off, also after it was stopped in the middle of a drain', () => {
    expect(isReady()).toBe(true);
    const readiness = connectReadiness(cells);
    Atomics.store(cells, IS_DRAINING, 1);
    expect(isReady()).toBe(false);
    readiness.stop();
    expect(isReady()).toBe(true);
  });

  it('follows the drain alone, not whether the app is up', () => {
    setUp(false);
    connected = connectReadiness(cells);
    expect(isReady()).toBe(true);
    Atomics.store(cells, IS_DRAINING, 1);
    expect(isReady()).toBe(false);
  });
});

describe('setUp', () => {
  it('is what the app said last, before control starts and after', () => {
    setUp(true);
    connected = connectReadiness(cells);
    expect(isUp()).toBe(1);
    setUp(false);
    expect(isUp()).toBe(0);
  });

  it('overrules a server that listens', async () => {
    setUp(false);
    connected = connectReadiness(cells);
    await listen();
    expect(isUp()).toBe(0);
    setUp(true);
    expect(isUp()).toBe(1);
  });
});

describe('an app that says nothing', () => {
  it('is up when its first server listens', async () => {
    // The test runner may hold a server of its own, which counts as the app's.
    const expectedAtStart = process.getActiveResourcesInfo().includes('TCPServerWrap') ? 1 : 0;
    connected = connectReadiness(cells);
    expect(isUp()).toBe(expectedAtStart);
    await listen();
    expect(isUp()).toBe(1);
  });

  it('is up at once where a server listens before control starts', async () => {
    await listen();
    connected = connectReadiness(cells);
    expect(isUp()).toBe(1);
  });
});

async function listen(): Promise<void> {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function forgetApp(): void {
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('@heapfloor/control/readiness')];
}
