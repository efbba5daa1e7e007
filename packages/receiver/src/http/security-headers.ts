import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

/** Nothing but our own style sheets and the one script that carries the nonce. */
export function securityHeaders(): RequestHandler {
  return (_request, response, next) => {
    const nonce = randomBytes(16).toString('base64');
    response.locals['nonce'] = nonce;
    response.set({
      'Content-Security-Policy': [
        "default-src 'none'",
        `script-src 'nonce-${nonce}'`,
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      // Pages and answers hold what a heap dump holds: no shared cache may keep them.
      'Cache-Control': 'no-store',
    });
    next();
  };
}

export function readNonce(response: Response): string {
  return String(response.locals['nonce']);
}
