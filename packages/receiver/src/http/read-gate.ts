import type { RequestHandler } from 'express';
import type { AppDependencies } from './app-dependencies.ts';
import { requireCredential } from './request-guards.ts';

/** Pages, API and artifacts. On other addresses than loopback the start demands the token. */
export function readGate({ credentials }: AppDependencies): RequestHandler {
  return requireCredential({
    accepted: {
      bearerTokens: credentials.readTokens,
      basicPairs: [],
      basicPasswords: credentials.readTokens,
    },
    isOpenWithout: true,
    configuredBy: 'readTokenFile',
    challenge: 'Basic realm="heapfloor", charset="UTF-8"',
  });
}
