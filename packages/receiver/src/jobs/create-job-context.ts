import { describeError, type CaptureRecord, type FloorSample } from '@heapfloor/contract';
import { analyzeInChildProcess } from '@heapfloor/heap-analysis';
import { createControlClient } from '../control/control-client.ts';
import { ReceiverError } from '../errors.ts';
import { readPrometheusHistory } from '../instances/read-prometheus-history.ts';
import type { ReceiverOptions } from '../options.ts';
import type { Parts } from '../parts.ts';
import type { TargetRegistry } from '../targets/target-registry.ts';
import { runCapture, type Analyse } from './run-capture.ts';
import type { JobContext } from './work-on-job.ts';

/** Pause before the second attempt of a capture. Unit: ms. */
const RETRY_BASE_MS = 2000;

/** Jobs of this receiver: where the app is, how its evidence is explained, where its floor was. */
export function createJobContext(parts: Parts): JobContext {
  const { options, privateKeyPem, targets } = parts;
  const {
    leaseSeconds,
    maxAttempts,
    maxConcurrentCaptures,
    snapshotCount,
    snapshotGapMs,
    profileDurationMs,
  } = options;
  return {
    ...parts,
    policy: { leaseMs: leaseSeconds * 1000, maxAttempts, maxConcurrentCaptures, retryBaseMs: RETRY_BASE_MS },
    async run(record, tools) {
      const address = await findAddress(record, targets);
      const instance = record.target?.instance ?? '';
      return runCapture(record, {
        ...parts,
        ...tools,
        control: createControlClient({ address, instance, privateKeyPem }),
        analyse: analyseWith(options),
        readFloorHistory: async (current) => readFloorHistory(current, parts),
        command: { snapshotCount, snapshotGapMs, profileDurationMs },
        captureDeadlineMs: options.captureDeadlineSeconds * 1000,
      });
    },
  };
}

async function findAddress(record: CaptureRecord, targets: TargetRegistry): Promise<string> {
  const target = (await targets.list()).find(({ instance }) => instance === record.target?.instance);
  if (target !== undefined) return target.address;
  throw new ReceiverError(
    'RECEIVER_TARGET_GONE',
    `${record.target?.instance} was taken out of the targets file before its capture.`,
  );
}

function analyseWith({ analysisMemoryLimitMiB, analysisDeadlineMs }: ReceiverOptions): Analyse {
  return async (request, signal) =>
    analyzeInChildProcess(request, {
      memoryLimitMiB: analysisMemoryLimitMiB,
      deadlineMs: analysisDeadlineMs,
      signal,
    });
}

/** From memory, or from Prometheus where the metrics go there; without either the chart stays empty. */
async function readFloorHistory(
  { alert, target }: CaptureRecord,
  { instances, options, clock, logEvent }: Parts,
): Promise<readonly FloorSample[]> {
  const instance = alert.labels['instance'] ?? target?.instance ?? '';
  const samples = instances.samples({ instance });
  if (samples.length > 0 || options.prometheusUrl === undefined) return samples;
  const job = alert.labels['job'];
  const identity = job === undefined ? { instance } : { job, instance };
  const query = {
    prometheusUrl: options.prometheusUrl,
    identity,
    startsAt: new Date(alert.startsAt),
    now: clock(),
  };
  return readPrometheusHistory(query).catch((error: unknown) => {
    logEvent('warn', 'floor-history-missing', { error: describeError(error) });
    return [];
  });
}
