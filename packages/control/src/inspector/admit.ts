import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Loopback by its names, on any port: a tunnel may begin on another one. Any other name is DNS rebinding. */
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
/** What the front end of Chrome and Edge sends. Web pages and extensions send their own; other clients send none. */
const DEVTOOLS_ORIGIN = 'devtools://devtools';

export type Admission =
  | { readonly isAdmitted: true }
  | { readonly isAdmitted: false; readonly status: 404 | 409; readonly reason: string };

/** 256 bits, safe in a path. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Judges who wants to connect. All but the owner of the token get the same 404, and there is no `/json/list`, which every
 * other inspector has: it would give the token away.
 */
export function admit(
  { method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { token, isTaken }: { token: string; isTaken: boolean },
): Admission {
  if (method !== 'GET') return refuse('the method is not GET');
  if (!LOOPBACK_HOST.test(headers.host ?? '')) return refuse('the Host is not loopback');
  if (headers.origin !== undefined && headers.origin !== DEVTOOLS_ORIGIN)
    return refuse('the Origin is not DevTools');
  if (!isSame(url, `/${token}`)) return refuse('the path is not the token');
  if (isTaken) return { isAdmitted: false, status: 409, reason: 'the one session is taken' };
  return { isAdmitted: true };
}

function refuse(reason: string): Admission {
  return { isAdmitted: false, status: 404, reason };
}

/** By digests, which are of one length: the time taken tells nothing about the token. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
