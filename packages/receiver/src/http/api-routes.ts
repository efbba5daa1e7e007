import { Router } from 'express';
import { addRoute } from './add-route.ts';
import { cutText, ReceiverError } from '../errors.ts';
import type { AppDependencies } from './app-dependencies.ts';
import { findCapture } from './find-capture.ts';
import { readGate } from './read-gate.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** What the pages show, for programs. */
export function apiRoutes(dependencies: AppDependencies): Router {
  const { store, instances, activity } = dependencies;
  const router = Router();
  router.use('/api', readGate(dependencies));
  addRoute(router, ['GET', '/api/captures'], async (request, response) => {
    response.json({ captures: await store.list(parseLimit(request.query['limit'])) });
  });
  addRoute<{ id: string }>(router, ['GET', '/api/captures/:id'], async (request, response) => {
    response.json(await findCapture(store, request.params.id));
  });
  addRoute(router, ['GET', '/api/instances'], (_request, response) => {
    response.json({ instances: instances.views() });
  });
  addRoute(router, ['GET', '/api/activity'], (_request, response) => {
    const { startedAt, lastWebhookAt, alertCounts } = activity;
    response.json({ startedAt, lastWebhookAt, alertCounts });
  });
  return router;
}

function parseLimit(text: unknown): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new ReceiverError(
    'RECEIVER_QUERY_INVALID',
    `limit is ${cutText(JSON.stringify(text), 20)}; give a whole number from 1 to ${MAX_LIMIT}.`,
  );
}
