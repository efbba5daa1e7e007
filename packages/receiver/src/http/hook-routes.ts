import { Router, type Request, type RequestHandler, type Response } from 'express';
import { addRoute } from './add-route.ts';
import { outcomeOf } from '../activity.ts';
import type { ParsedBatch } from '../alerts/normalize-alert.ts';
import { parseAlertmanagerPayload } from '../alerts/parse-alertmanager.ts';
import { parseGrafanaPayload } from '../alerts/parse-grafana.ts';
import type { IgnoreReason } from '../alerts/decide.ts';
import { ReceiverError } from '../errors.ts';
import type { AppDependencies } from './app-dependencies.ts';
import { createReplayCache, type ReplayCache } from './replay-cache.ts';
import { closed, parseJsonBody, rawBody, readJsonBody, requireCredential } from './request-guards.ts';
import { verifyGrafanaSignature } from './verify-grafana-signature.ts';

/** Answer of both hooks: what became of every alert of the batch. */
export interface HookAnswer {
  accepted: number;
  duplicate: number;
  ignored: { fingerprint: string; reason: IgnoreReason }[];
  rejected: { index: number; reason: string }[];
  /** Captures of the accepted and duplicate alerts. */
  captures: { fingerprint: string; captureId: string }[];
}

// A signature covers the bytes on the wire, so a compressed body is not taken apart.
const JSON_BODY = readJsonBody({ hint: 'Alertmanager and Grafana send it by default.', inflate: false });

/** `POST /hooks/alertmanager` and `POST /hooks/grafana`. */
export function hookRoutes(dependencies: AppDependencies): Router {
  const router = Router();
  addRoute(
    router,
    ['POST', '/hooks/alertmanager'],
    alertmanagerGate(dependencies),
    ...JSON_BODY,
    async (request, response) => {
      await answer(parseAlertmanagerPayload(parseJsonBody(request)), response, dependencies);
    },
  );
  const replays = createReplayCache();
  addRoute(
    router,
    ['POST', '/hooks/grafana'],
    grafanaGate(dependencies),
    ...JSON_BODY,
    async (request, response) => {
      await verified(request, { dependencies, replays }, async () => {
        await answer(parseGrafanaPayload(parseJsonBody(request)), response, dependencies);
      });
    },
  );
  return router;
}

function alertmanagerGate({ credentials, options }: AppDependencies): RequestHandler {
  return requireCredential({
    accepted: {
      bearerTokens: credentials.alertmanagerTokens,
      basicPairs: credentials.alertmanagerBasicPairs,
      basicPasswords: [],
    },
    isOpenWithout: options.allowUnsigned,
    configuredBy: 'alertmanagerBearerTokenFile or alertmanagerBasicAuthFile',
    challenge: 'Bearer realm="heapfloor"',
  });
}

/** Before the body is read; whether the signature fits is known only after. */
function grafanaGate({ credentials, options }: AppDependencies): RequestHandler {
  return (_request, _response, next) => {
    if (credentials.grafanaHmacSecrets.length === 0 && !options.allowUnsigned) {
      throw closed('grafanaHmacSecretFile');
    }
    next();
  };
}

async function verified(
  request: Request,
  { dependencies, replays }: { dependencies: AppDependencies; replays: ReplayCache },
  work: () => Promise<void>,
): Promise<void> {
  const { credentials, options, clock } = dependencies;
  if (credentials.grafanaHmacSecrets.length === 0) return work();
  const signature = request.get(options.grafanaHmacHeader);
  const timestamp = request.get(options.grafanaHmacTimestampHeader);
  const signed = { rawBody: rawBody(request), signature, timestamp };
  const refusal = verifyGrafanaSignature(signed, credentials.grafanaHmacSecrets, clock());
  if (refusal !== null) throw new ReceiverError(refusal, describeRefusal(refusal, dependencies));
  if (!replays.add(String(signature), clock())) {
    throw new ReceiverError('RECEIVER_REQUEST_REPLAYED', 'This signed request was received before.');
  }
  try {
    await work();
  } catch (error) {
    replays.remove(String(signature));
    throw error;
  }
}

function describeRefusal(code: string, { options }: AppDependencies): string {
  return code === 'RECEIVER_TIMESTAMP_INVALID'
    ? `The header ${options.grafanaHmacTimestampHeader} is missing or more than 300 s off. Name it in the contact point (HMAC, timestamp header), and check both clocks.`
    : `The header ${options.grafanaHmacHeader} is missing or does not fit the body. Check the secret of the contact point.`;
}

/** One alert after the other, so that two alerts of one target in a batch see each other. */
async function answer(batch: ParsedBatch, response: Response, dependencies: AppDependencies): Promise<void> {
  const { admit, activity, clock, logEvent } = dependencies;
  activity.noteWebhook(clock());
  const result: HookAnswer = {
    accepted: 0,
    duplicate: 0,
    ignored: [],
    rejected: [...batch.rejected],
    captures: [],
  };
  for (const { index, reason } of batch.rejected) {
    activity.noteAlert('rejected');
    logEvent('warn', 'alert-rejected', { index, reason });
  }
  for (const event of batch.events) {
    const admission = await admit(event);
    activity.noteAlert(outcomeOf(admission));
    const { fingerprint } = event;
    if (admission.outcome === 'ignored') result.ignored.push({ fingerprint, reason: admission.reason });
    else {
      result[admission.outcome] += 1;
      result.captures.push({ fingerprint, captureId: admission.captureId });
    }
  }
  response.status(202).json(result);
}
