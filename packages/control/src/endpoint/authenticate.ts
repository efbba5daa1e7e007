import type { IncomingMessage } from 'node:http';
import {
  COMMAND_ALGORITHM,
  COMMAND_CLAIM,
  COMMAND_MAX_AGE_SECONDS,
  controlCommand,
  type ControlCommand,
} from '@heapfloor/contract';
import { errors, importSPKI, jwtVerify, type CryptoKey, type JWTPayload } from 'jose';
import { ControlError } from '../errors.ts';

/** @returns the command that the request carries, checked and used up. @throws ControlError */
export type Authenticate = (request: IncomingMessage) => Promise<ControlCommand>;

/** Clocks of two hosts may differ by so much. Unit: s. */
const CLOCK_TOLERANCE_SECONDS = 5;

export async function createAuthenticate(
  instance: string,
  publicKeysPem: readonly string[],
): Promise<Authenticate> {
  const keys = await Promise.all(publicKeysPem.map(async (pem) => importSPKI(pem, COMMAND_ALGORITHM)));
  const consume = createNonceLedger();
  return async (request) => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) {
      throw new ControlError(
        'CONTROL_COMMAND_UNSIGNED',
        'No signed command: send "Authorization: Bearer <JWT>".',
      );
    }
    const payload = await verify(token, keys, instance);
    const command = parseCommand(payload);
    consume(payload);
    return command;
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
      'The command has expired; sign a new one and check both clocks.',
      { cause: error },
    );
  }
  if (
    error instanceof errors.JWTClaimValidationFailed &&
    error.claim === 'aud' &&
    error.reason === 'check_failed'
  ) {
    return new ControlError(
      'CONTROL_COMMAND_MISDIRECTED',
      `The command is for another instance; this one is ${instance}.`,
      { cause: error },
    );
  }
  const isClaim = error instanceof errors.JWTClaimValidationFailed;
  return new ControlError(
    'CONTROL_COMMAND_UNSIGNED',
    isClaim
      ? `The command's claim "${error.claim}" is missing or wrong; aud, exp, iat and jti are required.`
      : 'The command is not signed by a key that this app trusts.',
    { cause: error },
  );
}

function parseCommand(payload: JWTPayload): ControlCommand {
  const { exp = 0, iat = 0 } = payload;
  if (exp - iat > COMMAND_MAX_AGE_SECONDS) {
    throw new ControlError(
      'CONTROL_COMMAND_TOO_LONG_LIVED',
      `The command lives ${exp - iat} s; at most ${COMMAND_MAX_AGE_SECONDS} s are allowed.`,
    );
  }
  const parsed = controlCommand.safeParse(payload[COMMAND_CLAIM]);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new ControlError(
    'CONTROL_COMMAND_INVALID',
    `The claim "${COMMAND_CLAIM}" is no command: ${issues}`.slice(0, 500),
  );
}

/** Remembers each nonce until its command would have expired anyway. */
function createNonceLedger(): (payload: JWTPayload) => void {
  const usedUntilSeconds = new Map<string, number>();
  return ({ jti = '', exp = 0 }) => {
    const nowSeconds = Date.now() / 1000;
    for (const [nonce, untilSeconds] of usedUntilSeconds)
      if (untilSeconds < nowSeconds) usedUntilSeconds.delete(nonce);
    if (usedUntilSeconds.has(jti)) {
      throw new ControlError(
        'CONTROL_COMMAND_REPLAYED',
        'This command was used before; sign a new one with a fresh jti.',
      );
    }
    usedUntilSeconds.set(jti, exp + CLOCK_TOLERANCE_SECONDS);
  };
}
