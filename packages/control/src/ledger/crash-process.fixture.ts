/**
 * Captures in a loop as the control does, until it is killed: attempt, record, artifact in chunks, manifest, end. Each step
 * is told through a pipe before and after, as the killer's own account of what was open.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactManifest, CaptureOperation, Verdict } from '@heapfloor/contract';
import { createAuditLog } from '../audit/audit-log.ts';
import { ArtifactFile } from '../capture/artifact-file.ts';
import { createOperationStore } from '../capture/operation-store.ts';
import { claimDirectory } from '../endpoint/claim-directory.ts';
import { openAttemptLedger } from './attempt-ledger.ts';
import { readOwnIdentity } from './process-identity.ts';

const [, , base = '', run = ''] = process.argv;
const directory = join(base, 'app-1');
const self = readOwnIdentity();
const say = (step: string): void => void writeSync(1, `${step}\n`);

const problem = claimDirectory(directory, 'app-1', self);
if (problem !== null) throw new Error(problem);
const retention = { maxArtifacts: 4, artifactMaxAgeMs: 3_600_000, artifactQuotaBytes: 2 ** 20 };
const store = createOperationStore(directory, retention);
const ledger = openAttemptLedger({
  base,
  service: 'shop',
  instance: 'app-1',
  self,
  compactAboveBytes: 3_000,
});
const audit = createAuditLog({ directory, log: () => {}, maxFileBytes: 3_000, maxFileCount: 4 });

for (let ordinal = 0; ; ordinal += 1) capture(`crash-${run}-${ordinal}`);

function capture(captureId: string): void {
  const startedAt = new Date().toISOString();
  const verdict: Verdict = {
    requestedKind: 'heap-profile',
    grantedKind: 'heap-profile',
    outcome: 'allowed',
    dryRun: false,
    instance: 'app-1',
    evaluatedAt: startedAt,
    steps: [],
    explanation: 'allowed',
  };
  const operation: CaptureOperation = {
    captureId,
    state: 'running',
    kind: 'heap-profile',
    startedAt,
    finishedAt: null,
    artifacts: [],
    phase: null,
    isolates: [],
    inspector: null,
    error: null,
  };
  audit.write('command', { captureId, action: 'capture', kind: 'heap-profile' });
  say(`begin ${captureId}`);
  ledger.begin({ captureId, kind: 'heap-profile', instance: 'app-1' });
  say(`begun ${captureId}`);
  store.save({ verdict, operation });
  const manifest = writeArtifact(captureId, verdict);
  store.saveManifest(manifest);
  store.save({
    verdict,
    operation: { ...operation, state: 'succeeded', finishedAt: startedAt, artifacts: [manifest] },
  });
  say(`end ${captureId}`);
  ledger.end(captureId, 'succeeded');
  say(`ended ${captureId}`);
  audit.write('outcome', { captureId, outcome: 'succeeded' });
}

function writeArtifact(captureId: string, verdict: Verdict): ArtifactManifest {
  const fileName = `${captureId}.1.heapprofile`;
  const startedAt = new Date().toISOString();
  const file = new ArtifactFile(directory, fileName);
  for (let chunk = 0; chunk < 20; chunk += 1) file.write(randomBytes(2_000).toString('hex'));
  return {
    fileName,
    kind: 'heap-profile',
    ...file.finish(),
    startedAt,
    finishedAt: startedAt,
    stallMs: null,
    captureId,
    alertFingerprint: null,
    instance: 'app-1',
    pid: process.pid,
    isolate: 'main',
    nodeVersion: process.versions.node,
    v8Version: process.versions.v8,
    heapUsedBytes: 1,
    rssGrowthBytes: null,
    verdict,
  };
}
