import { execFileSync } from 'node:child_process';

/** Every supported Node.js, pinned. */
export const NODE_RELEASES: Readonly<Record<string, string>> = {
  22: '22.23.3',
  24: '24.21.0',
  26: '26.10.0',
};

/**
 * Path of a pinned Node, whatever the machine has: from npm's platform packages (no install script), which stay in
 * npm's own cache.
 */
export function findNode(major: string): string {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${platform}-${process.arch}@${NODE_RELEASES[major] ?? ''}`;
  const args = ['exec', '--yes', '--loglevel=error', `--package=${name}`, '-c', 'node -p process.execPath'];
  const printed = execFileSync('npm', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
  return printed.trim().split('\n').at(-1) ?? '';
}
