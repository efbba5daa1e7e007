import { readFile } from 'node:fs/promises';
import type { ReceiverOptions } from './options.ts';

/** Secrets in memory; each list may hold several for rotation, an empty one means "not configured". */
export interface Credentials {
  readonly alertmanagerTokens: readonly string[];
  /** `user:password`. */
  readonly alertmanagerBasicPairs: readonly string[];
  readonly grafanaHmacSecrets: readonly string[];
  readonly readTokens: readonly string[];
  readonly otlpTokens: readonly string[];
}

/** Reads every secret file; a file that cannot serve is a problem, never an open door. */
export async function readCredentials(
  options: ReceiverOptions,
): Promise<{ credentials: Credentials; problems: string[] }> {
  const problems: string[] = [];
  async function read(name: keyof ReceiverOptions): Promise<string[]> {
    const file = options[name];
    if (typeof file !== 'string') return [];
    try {
      const lines = (await readFile(file, 'utf8')).split(/\r?\n/).filter((line) => line.trim() !== '');
      if (lines.length === 0) problems.push(`${name}: ${file} is empty; put one secret on a line`);
      return lines;
    } catch (error) {
      problems.push(`${name}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return [];
    }
  }
  const credentials: Credentials = {
    alertmanagerTokens: await read('alertmanagerBearerTokenFile'),
    alertmanagerBasicPairs: await read('alertmanagerBasicAuthFile'),
    grafanaHmacSecrets: await read('grafanaHmacSecretFile'),
    readTokens: await read('readTokenFile'),
    otlpTokens: await read('otlpTokenFile'),
  };
  if (credentials.alertmanagerBasicPairs.some((pair) => !pair.includes(':'))) {
    problems.push('alertmanagerBasicAuthFile: a line has no colon; write `user:password`');
  }
  return { credentials, problems };
}
