import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { readIsolateAttributes } from './isolate-attributes.ts';

const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  import(${JSON.stringify(new URL('./isolate-attributes.ts', import.meta.url).href)})
    .then(({ readIsolateAttributes }) => parentPort.postMessage(readIsolateAttributes()));`;

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map(async (worker) => worker.terminate()));
});

async function attributesIn(options: { readonly name?: string }): Promise<[threadId: number, unknown]> {
  const execArgv = ['--conditions=@heapfloor/source'];
  const worker = new Worker(SOURCE, { eval: true, execArgv, ...options });
  workers.push(worker);
  const { threadId } = worker;
  const [attributes] = (await once(worker, 'message')) as [unknown];
  return [threadId, attributes];
}

describe('readIsolateAttributes', () => {
  it.each([[{}], [{ name: 'pool' }]])(
    'tells two workers apart, with the options %j for both',
    async (options) => {
      const [[first, one], [second, two]] = await Promise.all([attributesIn(options), attributesIn(options)]);
      expect(first).not.toBe(second);
      expect(one).toEqual({ 'heapfloor.isolate': `worker-${first}` });
      expect(two).toEqual({ 'heapfloor.isolate': `worker-${second}` });
    },
  );

  it('has nothing to say of a main thread that is no child of a cluster', async () => {
    const { execFileSync } = await import('node:child_process');
    const file = new URL('./isolate-attributes.ts', import.meta.url).href;
    const code = `import('${file}').then((m) => console.log(JSON.stringify(m.readIsolateAttributes())))`;
    const args = ['--conditions=@heapfloor/source', '--eval', code];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('{}\n');
    expect(readIsolateAttributes).toBeTypeOf('function');
  });
});
