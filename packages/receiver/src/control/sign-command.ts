import { randomUUID, type KeyObject } from 'node:crypto';
import {
  COMMAND_ALGORITHM,
  COMMAND_CLAIM,
  COMMAND_MAX_AGE_SECONDS,
  controlCommand,
  type ControlCommandInput,
} from '@heapfloor/contract';
import { SignJWT } from 'jose';

/** A token for one request: the app refuses it the second time, so every request gets its own nonce. */
export async function signCommand(
  command: ControlCommandInput,
  { instance, privateKey }: { instance: string; privateKey: KeyObject },
): Promise<string> {
  const issuedAtSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ [COMMAND_CLAIM]: controlCommand.parse(command) })
    .setProtectedHeader({ alg: COMMAND_ALGORITHM })
    .setAudience(instance)
    .setJti(randomUUID())
    .setIssuedAt(issuedAtSeconds)
    .setExpirationTime(issuedAtSeconds + COMMAND_MAX_AGE_SECONDS)
    .sign(privateKey);
}
