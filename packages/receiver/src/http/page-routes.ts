import { Router, type Response } from 'express';
import { addRoute } from './add-route.ts';
import { ReceiverError } from '../errors.ts';
import type { PageView, TargetView } from '../pages/page-view.ts';
import type { Target } from '../targets/target.ts';
import type { AppDependencies } from './app-dependencies.ts';
import { findCapture } from './find-capture.ts';
import { readGate } from './read-gate.ts';
import { readNonce } from './security-headers.ts';

/** Each with its whole report: some 20 MB to read at most. */
const LIST_LENGTH = 100;
/** Style sheets change with a release only; without a token, so that a refusal looks as it should. Unit: s. */
const ASSET_MAX_AGE_SECONDS = 300;

type ArtifactPath = { id: string; fileName: string };

/** The web pages, their assets and the files to download. */
export function pageRoutes(dependencies: AppDependencies): Router {
  const { store, targets, pages } = dependencies;
  const gate = readGate(dependencies);
  const router = Router();
  addRoute(router, ['GET', '/'], (_request, response) => response.redirect(302, '/captures'));
  addRoute(router, ['GET', '/captures'], gate, async (_request, response) => {
    const records = await store.list(LIST_LENGTH);
    sendPage(response, pages.renderCapturesPage(records, await createPageView(dependencies, response)));
  });
  addRoute<{ id: string }>(router, ['GET', '/captures/:id'], gate, async (request, response) => {
    const record = await findCapture(store, request.params.id);
    sendPage(response, pages.renderCapturePage(record, await createPageView(dependencies, response)));
  });
  addRoute(router, ['GET', '/targets'], gate, async (_request, response) => {
    const list = await targets.list();
    const views = await Promise.all(list.map(async (target) => toTargetView(target, dependencies)));
    sendPage(response, pages.renderTargetsPage(views, await createPageView(dependencies, response)));
  });
  addRoute<ArtifactPath>(
    router,
    ['GET', '/captures/:id/artifacts/:fileName'],
    gate,
    async (request, response) => {
      await sendArtifact(response, request.params, dependencies);
    },
  );
  router.get('/assets/:name', (request, response, next) => {
    const asset = pages.pageAssets.get(request.params.name);
    if (asset === undefined) return next();
    response.set('Cache-Control', `public, max-age=${ASSET_MAX_AGE_SECONDS}`);
    response.type(asset.contentType).send(asset.body);
  });
  return router;
}

export async function createPageView(
  { activity, clock, baseUrl, store }: AppDependencies,
  response: Response,
): Promise<PageView> {
  return {
    now: clock(),
    baseUrl: baseUrl(),
    startedAt: activity.startedAt,
    lastWebhookAt: activity.lastWebhookAt,
    openJobs: await store.countOpen(),
    nonce: readNonce(response),
  };
}

function sendPage(response: Response, html: string): void {
  response.type('html').send(html);
}

async function toTargetView(target: Target, { instances, store }: AppDependencies): Promise<TargetView> {
  const { instance, service, address } = target;
  const live = instances.find({ instance });
  return {
    instance,
    service,
    version: live?.version ?? target.version,
    address,
    floorRatio: live?.floorRatio ?? null,
    lastSeenAt: live === null ? null : new Date(live.lastSeenAt),
    lastCapture: await store.findLatest(instance),
  };
}

/** The name is looked up in the record; it never becomes a path by itself. */
async function sendArtifact(
  response: Response,
  { id, fileName }: ArtifactPath,
  { store, artifactsDirectory }: AppDependencies,
): Promise<void> {
  const { artifacts } = await findCapture(store, id);
  const manifest = artifacts.find((artifact) => artifact.fileName === fileName);
  if (manifest === undefined) {
    throw new ReceiverError(
      'RECEIVER_NOT_FOUND',
      'The capture has no such file; its page lists those that it has.',
    );
  }
  response.type('application/octet-stream');
  await new Promise<void>((resolve, reject) => {
    response.download(
      `${id}/${manifest.fileName}`,
      manifest.fileName,
      { root: artifactsDirectory },
      (error) => {
        // A reader that left is no failure of ours.
        if (error === undefined || error === null || response.headersSent) resolve();
        else {
          response.removeHeader('Content-Disposition');
          reject(error);
        }
      },
    );
  });
}
