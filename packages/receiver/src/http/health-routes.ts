import { Router } from 'express';
import { addRoute } from './add-route.ts';
import type { AppDependencies } from './app-dependencies.ts';

/** For probes, without credentials: they tell no more than a number. */
export function healthRoutes({ store, options, isDraining }: AppDependencies): Router {
  const router = Router();
  addRoute(router, ['GET', '/healthz'], (_request, response) => {
    response.json({ status: 'ok' });
  });
  addRoute(router, ['GET', '/readyz'], async (_request, response) => {
    const openJobs = await store.countOpen();
    const isOverloaded = openJobs >= options.maxOpenJobs;
    const status = isDraining() ? 'draining' : isOverloaded ? 'overloaded' : 'ready';
    response
      .status(status === 'ready' ? 200 : 503)
      .json({ status, openJobs, maxOpenJobs: options.maxOpenJobs });
  });
  return router;
}
