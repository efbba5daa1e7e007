import { createHash, timingSafeEqual } from 'node:crypto';

/** Credentials that open a door; any one of them does. */
export interface AcceptedCredentials {
  readonly bearerTokens: readonly string[];
  /** `user:password`. */
  readonly basicPairs: readonly string[];
  /** Passwords that count with any user name: a browser can only ask for a pair. */
  readonly basicPasswords: readonly string[];
}

export function hasCredentials(accepted: AcceptedCredentials): boolean {
  return accepted.bearerTokens.length + accepted.basicPairs.length + accepted.basicPasswords.length > 0;
}

/** Whether an `Authorization` header (RFC 6750, RFC 7617) carries an accepted credential. */
export function isAuthorized(header: string | undefined, accepted: AcceptedCredentials): boolean {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return isOneOf(value, accepted.bearerTokens);
  if (scheme.toLowerCase() !== 'basic') return false;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const password = pair.slice(pair.indexOf(':') + 1);
  const isPair = isOneOf(pair, accepted.basicPairs);
  return isOneOf(password, accepted.basicPasswords) || isPair;
}

/** Takes as long for the first as for none: hashes are of equal length, and every one is compared. */
function isOneOf(value: string, accepted: readonly string[]): boolean {
  const seen = digest(value);
  return accepted.map((secret) => timingSafeEqual(seen, digest(secret))).includes(true);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
