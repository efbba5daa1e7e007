import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTargetRegistry } from './target-registry.ts';

let directory: string;
let file: string;
let events: string[];
let writtenCount = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heapfloor-targets-'));
  file = join(directory, 'targets.yaml');
  events = [];
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** With a modification time of its own, as two writes may fall into one tick of the file system's clock. */
async function write(text: string): Promise<void> {
  await writeFile(file, text);
  writtenCount += 1;
  await utimes(file, writtenCount, writtenCount);
}

function entry(instance: string): string {
  return `targets: [{ instance: ${instance}, address: 'unix:/run/${instance}.sock' }]`;
}

describe('createTargetRegistry', () => {
  it('reads the file again when it changed', async () => {
    await write(entry('a'));
    const { registry, problems } = await createTargetRegistry(file, (_level, event) => events.push(event));
    expect(problems).toEqual([]);
    await write(entry('b'));
    expect((await registry.list()).map(({ instance }) => instance)).toEqual(['b']);
    expect(events).toEqual(['targets-read']);
  });

  it('keeps what it had while the file is wrong or gone, and says so', async () => {
    await write(entry('a'));
    const { registry } = await createTargetRegistry(file, (_level, event) => events.push(event));
    await write('targets: 7');
    expect((await registry.list()).map(({ instance }) => instance)).toEqual(['a']);
    await rm(file);
    expect((await registry.list()).map(({ instance }) => instance)).toEqual(['a']);
    await write(entry('c'));
    expect((await registry.list()).map(({ instance }) => instance)).toEqual(['c']);
    expect(events).toEqual(['targets-file-wrong', 'targets-file-wrong', 'targets-read']);
  });

  it('tells every problem of the first reading', async () => {
    const { problems } = await createTargetRegistry(file, () => {});
    expect(problems).toEqual([`targetsFile: ${file}: cannot be read (ENOENT)`]);
  });

  it('has no target without a file', async () => {
    const { registry } = await createTargetRegistry(undefined, () => {});
    expect(await registry.list()).toEqual([]);
  });
});
