import { Router } from 'express';
import { addRoute } from './add-route.ts';
import { parseOtlpMetrics } from '../instances/parse-otlp-metrics.ts';
import type { AppDependencies } from './app-dependencies.ts';
import { parseJsonBody, readJsonBody, requireCredential } from './request-guards.ts';

/** `POST /v1/metrics`: OTLP/HTTP in JSON (opentelemetry.io/docs/specs/otlp/#otlphttp). */
export function metricsRoute(dependencies: AppDependencies): Router {
  const { credentials, options, instances, embeddedRule, clock, logEvent } = dependencies;
  const gate = requireCredential({
    accepted: { bearerTokens: credentials.otlpTokens, basicPairs: [], basicPasswords: [] },
    isOpenWithout: options.allowUnsigned,
    configuredBy: 'otlpTokenFile',
    challenge: 'Bearer realm="heapfloor"',
  });
  const body = readJsonBody({
    hint: 'Protobuf is not read here: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json.',
    inflate: true,
  });
  const router = Router();
  addRoute(router, ['POST', '/v1/metrics'], gate, ...body, async (request, response) => {
    const receivedAt = clock();
    const { readings, rejectedCount, rejectedReason } = parseOtlpMetrics(parseJsonBody(request), receivedAt);
    for (const reading of readings) instances.record(reading, receivedAt);
    await embeddedRule?.observe(readings, receivedAt);
    if (rejectedCount === 0) return response.json({});
    logEvent('warn', 'metrics-rejected', { rejectedCount, reason: rejectedReason });
    return response.json({
      partialSuccess: { rejectedDataPoints: String(rejectedCount), errorMessage: rejectedReason },
    });
  });
  return router;
}
