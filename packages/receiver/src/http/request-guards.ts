import type { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import { cutText, ReceiverError } from '../errors.ts';
import { isLoopbackHost } from '../options.ts';
import { hasCredentials, isAuthorized, type AcceptedCredentials } from './check-authorization.ts';

/** Alertmanager sends all alerts of a group in one body, some 0.9 kB each, and never repeats it after a 413. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * On loopback a page of any site can make a browser call us under a name of its own (DNS rebinding); that name is
 * in the Host header.
 */
export function requireLoopbackHost(publicUrl: string | undefined): RequestHandler {
  const publicHost = publicUrl === undefined ? null : new URL(publicUrl).hostname;
  return (request, _response, next) => {
    const host = (request.hostname ?? '').replaceAll(/^\[|\]$/g, '');
    if (isLoopbackHost(host) || host === publicHost) next();
    else {
      throw new ReceiverError(
        'RECEIVER_HOST_REFUSED',
        `This receiver listens on loopback and does not answer as '${cutText(host)}'. Call it as localhost, or set publicUrl.`,
      );
    }
  };
}

export interface Gate {
  readonly accepted: AcceptedCredentials;
  /** Without any credential configured: let everyone in, or nobody. */
  readonly isOpenWithout: boolean;
  /** Options that configure a credential, for the refusal. */
  readonly configuredBy: string;
  readonly challenge: string;
}

export function requireCredential(gate: Gate): RequestHandler {
  const isConfigured = hasCredentials(gate.accepted);
  return (request, response, next) => {
    if (!isConfigured && !gate.isOpenWithout) throw closed(gate.configuredBy);
    if (!isConfigured || isAuthorized(request.headers.authorization, gate.accepted)) return next();
    response.set('WWW-Authenticate', gate.challenge);
    throw new ReceiverError(
      'RECEIVER_AUTH_REQUIRED',
      `The credential is missing or wrong. Send the one of ${gate.configuredBy}.`,
    );
  };
}

export function closed(configuredBy: string): ReceiverError {
  return new ReceiverError(
    'RECEIVER_AUTH_NOT_CONFIGURED',
    `This endpoint is closed: it can trigger a heap snapshot and has no credential. Set ${configuredBy}, or allowUnsigned on loopback.`,
  );
}

export function refuseWhile(isDraining: () => boolean): RequestHandler {
  return (_request, _response, next) => {
    if (isDraining()) throw new ReceiverError('RECEIVER_DRAINING', 'The receiver is stopping. Try again.');
    next();
  };
}

/** The body as it came over the wire, for signatures; parsed by {@link parseJsonBody}. */
export function readJsonBody({ hint, inflate }: { hint: string; inflate: boolean }): RequestHandler[] {
  const requireJson: RequestHandler = (request, _response, next) => {
    if (request.is('application/json') !== false) return next();
    const type = cutText(request.headers['content-type'] ?? 'none');
    throw new ReceiverError(
      'RECEIVER_CONTENT_TYPE',
      `Content-Type is ${type}, not application/json. ${hint}`,
    );
  };
  return [requireJson, express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate })];
}

export function rawBody(request: IncomingMessage & { body?: unknown }): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

export function parseJsonBody(request: IncomingMessage & { body?: unknown }): unknown {
  const body = rawBody(request);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ReceiverError(
      'RECEIVER_BODY_INVALID',
      `The body of ${body.length} bytes is no JSON (${cutText((error as Error).message)}).`,
      { cause: error },
    );
  }
}

export function refuseOtherMethods(allowed: string): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed);
    throw new ReceiverError(
      'RECEIVER_METHOD_NOT_ALLOWED',
      `${request.method} is not allowed here; use ${allowed}.`,
    );
  };
}
