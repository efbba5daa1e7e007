import express, { type Express } from 'express';
import { ReceiverError } from './errors.ts';
import { apiRoutes } from './http/api-routes.ts';
import type { AppDependencies } from './http/app-dependencies.ts';
import { handleError } from './http/handle-error.ts';
import { healthRoutes } from './http/health-routes.ts';
import { hookRoutes } from './http/hook-routes.ts';
import { metricsRoute } from './http/metrics-route.ts';
import { createPageView, pageRoutes } from './http/page-routes.ts';
import { refuseWhile, requireLoopbackHost } from './http/request-guards.ts';
import { securityHeaders } from './http/security-headers.ts';
import { isLoopbackHost } from './options.ts';

/** The HTTP face of the receiver; it listens to nothing by itself. */
export function createApp(dependencies: AppDependencies): Express {
  const { options, pages, logEvent, isDraining } = dependencies;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(securityHeaders());
  if (isLoopbackHost(options.host)) app.use(requireLoopbackHost(options.publicUrl));
  app.use(healthRoutes(dependencies));
  app.use(['/hooks', '/v1'], refuseWhile(isDraining));
  app.use(
    hookRoutes(dependencies),
    metricsRoute(dependencies),
    apiRoutes(dependencies),
    pageRoutes(dependencies),
  );
  app.use(() => {
    throw new ReceiverError(
      'RECEIVER_NOT_FOUND',
      'There is no such route. The README of the receiver lists them.',
    );
  });
  app.use(
    handleError({
      logEvent,
      renderPage: async (problem, response) =>
        pages.renderErrorPage(problem, await createPageView(dependencies, response)),
    }),
  );
  return app;
}
