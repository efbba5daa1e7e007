import type { RequestHandler, Router } from 'express';
import { refuseOtherMethods } from './request-guards.ts';

/**
 * A route with its one method; every other method is refused. Express 5 hands the rejection of an async handler to
 * the error handler by itself.
 */
export function addRoute<Parameters extends Record<string, string> = Record<string, string>>(
  router: Router,
  [method, path]: readonly ['GET' | 'POST', string],
  ...handlers: readonly RequestHandler<Parameters>[]
): void {
  const route = router.route(path);
  const add = method === 'GET' ? route.get.bind(route) : route.post.bind(route);
  for (const handler of handlers) add(handler as unknown as RequestHandler);
  route.all(refuseOtherMethods(method));
}
