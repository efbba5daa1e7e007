import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ReceiverError } from '../errors.ts';

export const PRIVATE_KEY_FILE_NAME = 'control-key.pem';
export const PUBLIC_KEY_FILE_NAME = 'control-public-key.pem';

export interface KeyPair {
  /** PKCS#8. */
  readonly privateKeyPem: string;
  /** SPKI; what the apps get. */
  readonly publicKeyPem: string;
}

export interface StoredKeyPair extends KeyPair {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/** A new Ed25519 pair. */
export function createKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return toKeyPair(privateKey);
}

/** The pair of a directory, created at the first call. */
export async function loadOrCreateKeyPair(directory: string): Promise<StoredKeyPair> {
  return loadOrCreateKeyPairFile(join(directory, PRIVATE_KEY_FILE_NAME));
}

/** The pair of a private key file; the public key is written beside it. */
export async function loadOrCreateKeyPairFile(privateKeyFile: string): Promise<StoredKeyPair> {
  const directory = dirname(privateKeyFile);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const privateKeyPem = (await readKey(privateKeyFile)) ?? (await createKeyFile(privateKeyFile));
  const pair = toKeyPair(parseKey(privateKeyPem, privateKeyFile));
  const publicKeyFile = join(directory, PUBLIC_KEY_FILE_NAME);
  await writePublicKey(publicKeyFile, pair.publicKeyPem);
  return { ...pair, privateKeyFile, publicKeyFile };
}

async function readKey(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw keyFileError(file, 'cannot be read', error);
  }
}

/** Written whole under another name and then linked: a crash leaves no half key, and of two starters one wins. */
async function createKeyFile(file: string): Promise<string> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeDurably(temporary, createKeyPair().privateKeyPem, 0o600);
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    return await readFile(file, 'utf8');
  } catch (error) {
    throw keyFileError(file, 'cannot be created', error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A read-only directory may hold both keys already; only a missing or different public key is written. */
async function writePublicKey(file: string, publicKeyPem: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => null);
  if (present === publicKeyPem) return;
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeDurably(temporary, publicKeyPem, 0o644);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw keyFileError(file, 'cannot be written', error);
  }
}

async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function parseKey(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw keyFileError(file, 'is no PKCS#8 PEM', error);
  }
  throw keyFileError(file, 'is no Ed25519 key', undefined);
}

function toKeyPair(privateKey: KeyObject): KeyPair {
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function keyFileError(file: string, what: string, cause: unknown): ReceiverError {
  const advice = 'Give an Ed25519 key (openssl genpkey -algorithm ed25519) or a writable directory.';
  return new ReceiverError('RECEIVER_KEY_FILE', `${file} ${what}. ${advice}`, { cause });
}
