import type { IncomingMessage } from 'node:http';
import {
  COMMAND_ALGORITHM,
  COMMAND_CLAIM,
  COMMAND_MAX_AGE_SECONDS,
  controlCommand,
  describeError,
  type CaptureKind,
  type ControlCommand,
} from '@heapfloor/contract';
import { calculateJwkThumbprint, errors, exportJWK, importSPKI, jwtVerify } from 'jose';
import type { CryptoKey, JWTPayload } from 'jose';
import { ControlError, cutText } from '../errors.ts';
import type { Log } from '../log.ts';
import type { KeyRing, TrustedKey } from './keys.ts';
import { createNonceLedger, type NonceLedger } from './nonce-ledger.ts';

/** Who commands, and what. */
export interface Authenticated {
  readonly command: ControlCommand;
  /** RFC 7638 thumbprint of the key that signed. */
  readonly keyId: string;
  /** What that key may ask for; null for a key without limits. */
  readonly keyKinds: readonly CaptureKind[] | null;
  /** Spends the command, as the last check of all. @throws ControlError */
  readonly useUp: () => void;
}

/**
 * Nothing here compares a secret, so there is no time to measure: the app holds public keys only, and what a wrong signature
 * shows is which public key it does not fit. @throws ControlError
 */
export type Authenticate = (request: Pick<IncomingMessage, 'headers'>) => Promise<Authenticated>;

export interface AuthenticateOptions {
  readonly instance: string;
  readonly keys: KeyRing;
  readonly nonces?: NonceLedger;
  readonly log: Log;
}

/** Clocks of two hosts may differ by so much. Unit: s. */
const CLOCK_TOLERANCE_SECONDS = 5;

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { instance, nonces = createNonceLedger({ path: null, bootId: null }) } = options;
  const importKeys = createImportKeys(options);
  return async ({ headers: { authorization = '' } }) => {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) {
      throw new ControlError(
        'CONTROL_TOKEN_MISSING',
        'No signed command; send "Authorization: Bearer <JWT>".',
      );
    }
    const { payload, keyId, keyKinds } = await verify(token, await importKeys(), instance);
    // `jose` takes a list that holds the instance; such a command could be played once to each of the list.
    if (payload.aud !== instance) {
      throw new ControlError('CONTROL_AUDIENCE_WRONG', `The command must be for ${instance} alone.`);
    }
    // A nonce that was used before is forgotten, so what was signed before is not taken.
    if ((payload.iat ?? 0) < nonces.sinceSeconds - CLOCK_TOLERANCE_SECONDS) {
      throw new ControlError(
        'CONTROL_COMMAND_EXPIRED',
        'The command is older than this endpoint; sign a new one.',
      );
    }
    return { command: parseCommand(payload), keyId, keyKinds, useUp: () => useUp(nonces, payload) };
  };
}

interface ImportedKey {
  readonly key: CryptoKey;
  readonly keyId: string;
  readonly keyKinds: readonly CaptureKind[] | null;
}

/** Imported at the first command and after each change of a file. */
function createImportKeys({ keys, log }: AuthenticateOptions): () => Promise<readonly ImportedKey[]> {
  let from: readonly TrustedKey[] | null = null;
  let imported: Promise<readonly ImportedKey[]> = Promise.resolve([]);
  return async () => {
    const current = keys.current((problem) => log('key-not-trusted', { problem }));
    if (current !== from) {
      from = current;
      imported = Promise.all(current.map(async (key) => importKey(key, log))).then((all) => all.flat());
    }
    return imported;
  };
}

async function importKey({ pem, kinds }: TrustedKey, log: Log): Promise<ImportedKey[]> {
  try {
    const key = await importSPKI(pem, COMMAND_ALGORITHM);
    return [{ key, keyId: await calculateJwkThumbprint(await exportJWK(key)), keyKinds: kinds }];
  } catch (error) {
    log('key-not-trusted', { problem: describeError(error) });
    return [];
  }
}

async function verify(
  token: string,
  keys: readonly ImportedKey[],
  instance: string,
): Promise<Omit<ImportedKey, 'key'> & { payload: JWTPayload }> {
  let failure: unknown = new errors.JWSSignatureVerificationFailed();
  for (const { key, keyId, keyKinds } of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [COMMAND_ALGORITHM],
        audience: instance,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['aud', 'exp', 'iat', 'jti'],
      });
      return { payload, keyId, keyKinds };
    } catch (error) {
      failure = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw refusal(failure, instance);
}

function refusal(error: unknown, instance: string): ControlError {
  if (error instanceof errors.JWTExpired) {
    return new ControlError(
      'CONTROL_COMMAND_EXPIRED',
      'The command has expired; sign a new one, check both clocks.',
      error,
    );
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' && error.reason === 'check_failed'
      ? new ControlError(
          'CONTROL_AUDIENCE_WRONG',
          `The command is for another instance; this is ${instance}.`,
          error,
        )
      : new ControlError(
          'CONTROL_COMMAND_INVALID',
          `Claim "${error.claim}": ${error.message}; aud, exp, iat and jti are required.`,
          error,
        );
  }
  const isSignature =
    error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed;
  return isSignature
    ? new ControlError(
        'CONTROL_SIGNATURE_INVALID',
        'The command is not signed (EdDSA) by a key that this app trusts.',
        error,
      )
    : new ControlError(
        'CONTROL_TOKEN_MALFORMED',
        `The token is no JWT: ${cutText((error as Error).message)}.`,
        error,
      );
}

function parseCommand(payload: JWTPayload): ControlCommand {
  const { exp = 0, iat = 0 } = payload;
  const lifeSeconds = exp - iat;
  if (lifeSeconds > COMMAND_MAX_AGE_SECONDS || iat > Date.now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new ControlError(
      'CONTROL_COMMAND_TOO_LONG_LIVED',
      `The command lives ${lifeSeconds} s from ${iat}; at most ${COMMAND_MAX_AGE_SECONDS} s from now are allowed.`,
    );
  }
  const parsed = controlCommand.safeParse(payload[COMMAND_CLAIM]);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new ControlError(
    'CONTROL_COMMAND_INVALID',
    `Claim "${COMMAND_CLAIM}" is no command: ${cutText(issues, 400)}`,
  );
}

function useUp(nonces: NonceLedger, { jti = '', exp = 0 }: JWTPayload): void {
  // `jose` requires the claim, not its type.
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) {
    throw new ControlError(
      'CONTROL_COMMAND_INVALID',
      'Claim "jti": a text of 1 to 256 characters is required.',
    );
  }
  nonces.useUp(jti, exp + CLOCK_TOLERANCE_SECONDS);
}
