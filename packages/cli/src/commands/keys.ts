import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeapfloorError } from '@heapfloor/contract';
import { createKeyPair } from '@heapfloor/receiver';
import { z } from 'zod';
import { describeFlags, parseArguments } from '../arguments.ts';
import type { Command } from '../command.ts';

const keysOptions = z.strictObject({
  out: z
    .string()
    .min(1)
    .default('.heapfloor')
    .meta({ description: 'Directory for the two files; created with mode 0700.' }),
  name: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/)
    .default('control')
    .meta({ description: 'What their names begin with.' }),
});

export const keysCommand: Command = {
  name: 'keys',
  summary: 'Make a key pair: who has the private key may command, apps get the public one.',
  help: [
    'heapfloor keys [flags]',
    '',
    'Ed25519, as PEM: <name>-key.pem (PKCS#8, mode 0600) and <name>-public-key.pem (SPKI). Never replaces a file.',
    '',
    describeFlags(keysOptions),
  ].join('\n'),
  async run(args, { stdout }) {
    const { options } = parseArguments(keysOptions, args, { command: 'heapfloor keys', positionals: [0, 0] });
    const privateKeyFile = join(options.out, `${options.name}-key.pem`);
    const publicKeyFile = join(options.out, `${options.name}-public-key.pem`);
    const { privateKeyPem, publicKeyPem } = createKeyPair();
    await mkdir(options.out, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw keyFileError(options.out, error);
    });
    await writeNew(privateKeyFile, privateKeyPem, 0o600);
    try {
      await writeNew(publicKeyFile, publicKeyPem, 0o644);
    } catch (error) {
      // It would be half a pair.
      await rm(privateKeyFile, { force: true });
      throw error;
    }
    stdout.write(`${advise(privateKeyFile, publicKeyFile).join('\n')}\n`);
    return 0;
  },
};

function advise(privateKeyFile: string, publicKeyFile: string): string[] {
  return [
    `private ${privateKeyFile}`,
    '  Stays with who commands: HEAPFLOOR_RECEIVER_PRIVATE_KEY_FILE of the receiver, or heapfloor capture --key.',
    '  Whoever reads it can capture every app that trusts it.',
    `public  ${publicKeyFile}`,
    '  Goes to the apps: HEAPFLOOR_CONTROL_PUBLIC_KEYS. No secret.',
    '  For profiles and reports alone: HEAPFLOOR_CONTROL_LIMITED_KEYS instead.',
    'To rotate: give the apps old and new (two files, comma), let the receiver sign with the new one, take the old one away.',
  ];
}

async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode, flush: true });
  } catch (error) {
    throw keyFileError(file, error);
  }
}

function keyFileError(file: string, error: unknown): HeapfloorError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EEXIST'
    ? new HeapfloorError('CLI_KEY_EXISTS', `${file} exists and is kept; choose another --name or --out`)
    : new HeapfloorError('CLI_KEY_UNWRITABLE', `${file} can't be written: ${message}`, { cause: error });
}
