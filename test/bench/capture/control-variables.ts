import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createControlClient, createKeyPair, type ControlClient } from '@heapfloor/receiver';

/** One key for all apps of a run. */
const keys = createKeyPair();
const INSTANCE = 'bench-1';

interface Start {
  readonly env: Readonly<Record<string, string>>;
  readonly execArgv: readonly string[];
}

/** How an app is started with control as it is published, not from its source: stripping types takes memory of its own. */
export function controlVariables(directory: string, more: Readonly<Record<string, string>> = {}): Start {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keyFile = join(directory, 'key.pem');
  writeFileSync(keyFile, keys.publicKeyPem);
  return {
    execArgv: ['--import', new URL('../../../packages/control/dist/register.js', import.meta.url).href],
    env: {
      HEAPFLOOR_CONTROL_KINDS: 'heap-snapshot,heap-profile,diagnostic-report',
      HEAPFLOOR_CONTROL_LISTEN: `unix:${join(directory, 'c.sock')}`,
      HEAPFLOOR_CONTROL_INSTANCE: INSTANCE,
      HEAPFLOOR_CONTROL_PUBLIC_KEYS: keyFile,
      HEAPFLOOR_CONTROL_DIRECTORY: directory,
      HEAPFLOOR_CONTROL_WARM_UP_MS: '0',
      ...more,
    },
  };
}

/** The signed way to an app of {@link controlVariables}. */
export function controlClient(directory: string): ControlClient {
  return createControlClient({
    address: `unix:${join(directory, 'c.sock')}`,
    instance: INSTANCE,
    privateKeyPem: keys.privateKeyPem,
  });
}
