import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeError,
  HeapfloorError,
  type AllocationReport,
  type CaptureRecord,
  type CaptureResponse,
  type FloorSample,
  type LeakReport,
} from '@heapfloor/contract';
import type { CaptureCommandInput, ControlClient } from '../control/control-client.ts';
import { ReceiverError, type ReceiverErrorCode } from '../errors.ts';
import { mergeFloorSamples } from '../instances/merge-floor-samples.ts';
import type { LogEvent } from '../log.ts';
import type { RecordChange } from './job-store.ts';
import {
  finalState,
  withAnalysis,
  withCaptured,
  withError,
  withState,
  withStored,
  withVerdict,
} from './record-changes.ts';

export interface AnalysisRequest {
  readonly snapshotPaths?: readonly string[];
  readonly profilePath?: string;
}

export type Analyse = (
  request: AnalysisRequest,
  signal: AbortSignal,
) => Promise<{ report: LeakReport | null; allocations: AllocationReport | null }>;

/** What one job needs; all I/O goes through it. */
export interface CaptureDependencies {
  /** The way to the target's control endpoint. */
  readonly control: ControlClient;
  /** Writes a change durably and returns the record; throws when the job went to another worker. */
  readonly update: (change: RecordChange) => Promise<CaptureRecord>;
  readonly analyse: Analyse;
  readonly readFloorHistory: (record: CaptureRecord) => Promise<readonly FloorSample[]>;
  readonly artifactsDirectory: string;
  readonly command: Omit<CaptureCommandInput, 'action' | 'captureId' | 'kind' | 'alertFingerprint'>;
  readonly captureDeadlineMs: number;
  readonly clock: () => Date;
  readonly logEvent: LogEvent;
  readonly signal: AbortSignal;
}

/**
 * One capture from command to report. Every step first looks at what the record says is done, so that a job which
 * was cut anywhere goes on from there; in particular an accepted command is never sent again.
 */
export async function runCapture(
  record: CaptureRecord,
  dependencies: CaptureDependencies,
): Promise<CaptureRecord> {
  const accepted = record.verdict === null ? await requestCapture(record, dependencies) : record;
  if (accepted.verdict?.grantedKind === null) return finish(accepted, dependencies, 'refused');
  const captured = accepted.artifacts.length === 0 ? await awaitCapture(accepted, dependencies) : accepted;
  const stored = captured.artifacts.length > 0 ? await storeArtifacts(captured, dependencies) : captured;
  const explained = await explain(stored, dependencies);
  return finish(explained, dependencies, finalState(explained));
}

async function requestCapture(
  record: CaptureRecord,
  dependencies: CaptureDependencies,
): Promise<CaptureRecord> {
  // After a first attempt the app may know the capture though its answer never came here.
  const known = record.attempts > 1 ? await readKnown(record, dependencies) : null;
  const response = known ?? (await sendCommand(record, dependencies));
  return dependencies.update((current) => withVerdict(current, response, dependencies.clock()));
}

async function readKnown(
  record: CaptureRecord,
  { control, signal }: CaptureDependencies,
): Promise<CaptureResponse | null> {
  try {
    return await control.read(record.id, { signal });
  } catch (error) {
    const unknown: ReceiverErrorCode = 'RECEIVER_OPERATION_LOST';
    if (error instanceof ReceiverError && error.code === unknown) return null;
    throw error;
  }
}

async function sendCommand(
  { id: captureId, requestedKind: kind, alert }: CaptureRecord,
  { control, command, signal }: CaptureDependencies,
): Promise<CaptureResponse> {
  const { fingerprint: alertFingerprint, startsAt: alertStartsAt } = alert;
  return control.capture(
    { ...command, action: 'capture', captureId, kind, alertFingerprint, alertStartsAt },
    { signal },
  );
}

async function awaitCapture(
  record: CaptureRecord,
  { control, update, captureDeadlineMs, clock, signal }: CaptureDependencies,
): Promise<CaptureRecord> {
  const deadline = AbortSignal.timeout(captureDeadlineMs);
  const response = await control
    .waitUntilDone(record.id, { signal: AbortSignal.any([signal, deadline]) })
    .catch((error: unknown) => {
      throw deadline.aborted && !signal.aborted ? tooSlow(captureDeadlineMs) : error;
    });
  const { artifacts, failure } = readOperation(response);
  return update((current) => {
    const captured = artifacts.length > 0 ? withCaptured(current, artifacts, clock()) : current;
    return failure === null ? captured : withError(captured, failure, clock());
  });
}

function tooSlow(deadlineMs: number): ReceiverError {
  return new ReceiverError(
    'RECEIVER_CONTROL_TIMEOUT',
    `The app did not end the capture within ${deadlineMs} ms. Raise captureDeadlineSeconds if its heap needs longer.`,
  );
}

function readOperation({ operation }: CaptureResponse): {
  artifacts: NonNullable<CaptureResponse['operation']>['artifacts'];
  failure: { code: string; message: string } | null;
} {
  const artifacts = operation?.artifacts ?? [];
  if (operation?.error) return { artifacts, failure: operation.error };
  const isExpected = operation?.state === 'succeeded' && artifacts.length > 0;
  const message = `The app ended the capture as '${operation?.state ?? 'unknown'}' with ${artifacts.length} artifacts.`;
  return { artifacts, failure: isExpected ? null : { code: 'RECEIVER_CAPTURE_FAILED', message } };
}

async function storeArtifacts(
  record: CaptureRecord,
  dependencies: CaptureDependencies,
): Promise<CaptureRecord> {
  if (hasEntry(record, 'stored')) return record;
  const { control, update, clock, logEvent, signal } = dependencies;
  const startedAtMs = clock().getTime();
  const directory = artifactDirectory(record, dependencies);
  for (const manifest of record.artifacts) {
    // Under its final name a file is whole and checked.
    if (await hasSize(join(directory, manifest.fileName), manifest.sizeBytes)) continue;
    await control.downloadArtifact(record.id, manifest, directory, { signal });
  }
  const stored = await update((current) => withStored(current, clock().getTime() - startedAtMs, clock()));
  // Only now that ours is durable. The app also sweeps by itself, so a failure here costs disk for a while, no more.
  await control.remove(record.id).catch((error: unknown) => {
    logEvent('warn', 'artifacts-not-removed', { captureId: record.id, error: describeError(error) });
  });
  return stored;
}

async function explain(record: CaptureRecord, dependencies: CaptureDependencies): Promise<CaptureRecord> {
  const { analyse, update, clock, signal } = dependencies;
  const request = toAnalysisRequest(record, artifactDirectory(record, dependencies));
  if (request === null || hasEntry(record, 'analysed')) return record;
  const startedAtMs = clock().getTime();
  try {
    const analysis = await analyse(request, signal);
    const now = clock();
    return await update((current) =>
      withAnalysis(current, analysis, { now, tookMs: now.getTime() - startedAtMs }),
    );
  } catch (error) {
    signal.throwIfAborted();
    return update((current) => withError(current, analysisError(error), clock()));
  }
}

function toAnalysisRequest(record: CaptureRecord, directory: string): AnalysisRequest | null {
  const paths = (kind: string): string[] =>
    record.artifacts
      .filter((artifact) => artifact.kind === kind)
      .map(({ fileName }) => join(directory, fileName));
  const snapshotPaths = paths('heap-snapshot');
  const [profilePath] = paths('heap-profile');
  if (snapshotPaths.length === 0 && profilePath === undefined) return null;
  return {
    ...(snapshotPaths.length === 0 ? {} : { snapshotPaths }),
    ...(profilePath === undefined ? {} : { profilePath }),
  };
}

function analysisError(error: unknown): { code: string; message: string } {
  if (error instanceof HeapfloorError) return { code: error.code, message: error.message };
  return {
    code: 'RECEIVER_ANALYSIS_FAILED',
    message: `${describeError(error)}. The files can still be downloaded.`,
  };
}

async function finish(
  record: CaptureRecord,
  { update, readFloorHistory, clock }: CaptureDependencies,
  state: CaptureRecord['state'],
): Promise<CaptureRecord> {
  const later = await readFloorHistory(record);
  return update((current) => ({
    ...withState(current, state),
    floorSamples: mergeFloorSamples(current.floorSamples, later),
    updatedAt: clock().toISOString(),
  }));
}

function artifactDirectory(record: CaptureRecord, { artifactsDirectory }: CaptureDependencies): string {
  return join(artifactsDirectory, record.id);
}

function hasEntry(record: CaptureRecord, event: string): boolean {
  return record.timeline.some((entry) => entry.event === event);
}

async function hasSize(path: string, sizeBytes: number): Promise<boolean> {
  return stat(path).then(
    (found) => found.size === sizeBytes,
    () => false,
  );
}
