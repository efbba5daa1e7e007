import type { IncomingMessage } from 'node:http';
import {
  COMMAND_ALGORITHM,
  COMMAND_CLAIM,
  COMMAND_MAX_AGE_SECONDS,
  controlCommand,
  type ControlCommand,
} from '@heapfloor/contract';
import { errors, importSPKI, jwtVerify, type CryptoKey, type JWTPayload } from 'jose';
import { ControlError, cutText } from '../errors.ts';

/** The command that a request carries, checked; `useUp` spends it, as the last check of all. @throws ControlError */
export type Authenticate = (
  request: IncomingMessage,
) => Promise<{ command: ControlCommand; useUp: () => void }>;

/** Clocks of two hosts may differ by so much. Unit: s. */
const CLOCK_TOLERANCE_SECONDS = 5;

export async function createAuthenticate(
  instance: string,
  publicKeysPem: readonly string[],
): Promise<Authenticate> {
  const keys = await Promise.all(publicKeysPem.map(async (pem) => importSPKI(pem, COMMAND_ALGORITHM)));
  const useUp = createNonceLedger();
  // A nonce used before a restart is forgotten, so what was signed before it is not taken.
  const oldestIssuedAtSeconds = Math.floor(Date.now() / 1000) - CLOCK_TOLERANCE_SECONDS;
  return async ({ headers: { authorization = '' } }) => {
    const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
    if (token === undefined) {
      throw new ControlError(
        'CONTROL_TOKEN_MISSING',
        'No signed command; send "Authorization: Bearer <JWT>".',
      );
    }
    const payload = await verify(token, keys, instance);
    // `jose` takes a list that holds the instance; such a command could be played once to each of the list.
    if (payload.aud !== instance) {
      throw new ControlError('CONTROL_AUDIENCE_WRONG', `The command must be for ${instance} alone.`);
    }
    if ((payload.iat ?? 0) < oldestIssuedAtSeconds) {
      throw new ControlError(
        'CONTROL_COMMAND_EXPIRED',
        'The command is older than this endpoint; sign a new one.',
      );
    }
    return { command: parseCommand(payload), useUp: () => useUp(payload) };
  };
}

async function verify(token: string, keys: readonly CryptoKey[], instance: string): Promise<JWTPayload> {
  let failure: unknown;
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [COMMAND_ALGORITHM],
        audience: instance,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['aud', 'exp', 'iat', 'jti'],
      });
      return payload;
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

/** Remembers each nonce until its command would have expired anyway. */
function createNonceLedger(): (payload: JWTPayload) => void {
  const usedUntilSeconds = new Map<string, number>();
  return ({ jti = '', exp = 0 }) => {
    const nowSeconds = Date.now() / 1000;
    for (const [nonce, untilSeconds] of usedUntilSeconds) {
      if (untilSeconds < nowSeconds) usedUntilSeconds.delete(nonce);
    }
    if (usedUntilSeconds.has(jti)) {
      throw new ControlError(
        'CONTROL_COMMAND_REPLAYED',
        'This command was used before; sign one with a fresh jti.',
      );
    }
    usedUntilSeconds.set(jti, exp + CLOCK_TOLERANCE_SECONDS);
  };
}
