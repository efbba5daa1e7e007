import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import type { ControlApp } from './control-app.fixture.ts';

/** A real file system of its own, seen by one app alone. */
export interface SmallDisk {
  /** Put before the app's command. */
  readonly wrapper: readonly string[];
  /** Where a file on it is found from outside, while the app lives. */
  readonly pathOf: (app: ControlApp, ...names: readonly string[]) => string;
  /** As the app's kernel sees it: `ro` or `rw`. */
  readonly remount: (app: ControlApp, mode: 'ro' | 'rw') => void;
}

/**
 * A tmpfs in a mount namespace of the app: no right to mount is needed where user namespaces are allowed.
 * @param directory - where it is mounted; must be there.
 */
export function requireSmallDisk(context: TestContext, directory: string, options: string): SmallDisk {
  const script = `mount -t tmpfs -o ${options},mode=700 none "$0" && exec "$@"`;
  const wrapper = ['unshare', '--mount', '--map-root-user', 'sh', '-c', script, directory];
  const trial = spawnSync('unshare', [...wrapper.slice(1), 'true'], { encoding: 'utf8' });
  if (trial.status !== 0) skip(context, `no file system can be mounted here: ${trial.stderr}`);
  return {
    wrapper,
    pathOf: ({ child }, ...names) => join(`/proc/${child.pid}/root`, directory, ...names),
    remount({ child }, mode) {
      const inside = ['--target', String(child.pid), '--user', '--mount', '--preserve-credentials'];
      const { status, stderr } = spawnSync(
        'nsenter',
        [...inside, 'mount', '-o', `remount,${mode}`, directory],
        {
          encoding: 'utf8',
        },
      );
      if (status !== 0) throw new Error(`${directory} was not remounted ${mode}: ${stderr}`);
    },
  };
}

function skip(context: TestContext, reason: string): void {
  if (process.env['HEAPFLOOR_REQUIRE_PEERS'] === '1')
    throw new Error(`HEAPFLOOR_REQUIRE_PEERS=1, but ${reason}`);
  context.skip(reason);
}
