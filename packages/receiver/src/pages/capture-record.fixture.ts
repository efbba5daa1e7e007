import type {
  ArtifactManifest,
  CaptureKind,
  CaptureRecord,
  FloorSample,
  GuardResult,
  Verdict,
} from '@heapfloor/contract';
import { buildAllocations, buildReport, MIB } from './leak-report.fixture.ts';
import type { PageView } from './page-view.ts';

/** Builders of records for the tests of the pages: an alert of 23 November, 02:14:31 UTC, looked at six hours later. */

export const ALERT_AT = '2026-11-23T02:14:31.000Z';
const ALERT_MS = Date.parse(ALERT_AT);
const SHA256 = '00c6baa348f646477cf95f41c21b2617fbd7ae1274898389f3e483972d0f8f19';

export const pageView: PageView = {
  now: new Date('2026-11-23T08:44:08.000Z'),
  baseUrl: 'https://heapfloor.example',
  startedAt: new Date('2026-11-11T08:40:00.000Z'),
  lastWebhookAt: new Date('2026-11-23T08:44:02.000Z'),
  openJobs: 1,
  nonce: 'abc',
};

/** Seconds after the alert as a time of the wire; negative is before it. */
export function atAlert(seconds: number): string {
  return new Date(ALERT_MS + seconds * 1000).toISOString();
}

/** A record in state `succeeded` with nothing taken; say what differs. */
export function buildRecord(differs: Partial<CaptureRecord> = {}): CaptureRecord {
  return {
    id: '01jd8qk2m7-shop',
    state: 'succeeded',
    alert: {
      source: 'alertmanager',
      status: 'firing',
      alertname: 'NodejsHeapFloorHigh',
      labels: { service_name: 'shop', service_instance_id: 'shop-6c9d7b5f4-x2k4q' },
      annotations: {},
      startsAt: ALERT_AT,
      endsAt: null,
      fingerprint: 'f00d',
      floorRatio: 0.81,
    },
    target: { instance: 'shop-6c9d7b5f4-x2k4q', service: 'shop', version: 'v2.14.0' },
    requestedKind: 'heap-snapshot',
    createdAt: atAlert(11),
    updatedAt: atAlert(380),
    attempts: 1,
    verdict: null,
    artifacts: [],
    report: null,
    allocations: null,
    floorSamples: [],
    timeline: [],
    error: null,
    ...differs,
  };
}

export interface FloorRise {
  readonly count: number;
  /** Seconds after the alert of the first and the last reading. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly fromBytes: number;
  readonly toBytes: number;
  readonly limitBytes: number;
}

/** Readings on a straight line, heap used always 24 MiB above. */
export function buildFloorRise(rise: FloorRise): FloorSample[] {
  const { count, fromSeconds, toSeconds, fromBytes, toBytes, limitBytes } = rise;
  return Array.from({ length: count }, (_, index) => {
    const share = count === 1 ? 0 : index / (count - 1);
    const floorBytes = fromBytes + (toBytes - fromBytes) * share;
    return {
      at: atAlert(fromSeconds + (toSeconds - fromSeconds) * share),
      floorBytes,
      limitBytes,
      heapUsedBytes: floorBytes + 24 * MIB,
    };
  });
}

/** 40 min of rise by 7.8 MiB per minute, above 75 % of 512 MiB from the alert on. */
export function buildLeakRise(count = 26): FloorSample[] {
  return buildFloorRise({
    count,
    fromSeconds: -2400,
    toSeconds: 330,
    fromBytes: 103 * MIB,
    toBytes: 458 * MIB,
    limitBytes: 512 * MIB,
  });
}

export function buildGuard(differs: Partial<GuardResult> = {}): GuardResult {
  return {
    guard: 'memory-headroom',
    outcome: 'allowed',
    reason: 'Needs 2743.9 MiB (452.0 heap + 14.2 external + 5.4 × 421.8 in use), 3550.4 MiB are free.',
    numbers: { neededBytes: 2743.9 * MIB, availableBytes: 3550.4 * MIB },
    retryAt: null,
    ...differs,
  };
}

export const refusedHeadroom: GuardResult = buildGuard({
  outcome: 'refused',
  reason: 'Needs 3663.4 MiB, 419.2 MiB are free: 431.0 heap + 11.6 external + 8.0 × 402.6 in use.',
  numbers: {
    neededBytes: 3663.4 * MIB,
    availableBytes: 419.2 * MIB,
    heapUsedBytes: 402.6 * MIB,
    rssBytes: 604.8 * MIB,
    limitBytes: 1024 * MIB,
  },
});

const PASSED_GUARDS: readonly GuardResult[] = [
  buildGuard({ guard: 'kind-enabled', reason: 'Heap snapshots are enabled.', numbers: {} }),
  buildGuard({ guard: 'single-flight', reason: 'No capture is running.', numbers: { runningCount: 0 } }),
  buildGuard({
    guard: 'cooldown',
    reason: 'The last snapshot was taken 3 d 4 h ago.',
    numbers: { cooldownMs: 1_800_000, sinceLastAttemptMs: 76 * 3_600_000 },
  }),
  buildGuard({
    guard: 'heap-ceiling',
    reason: 'heapUsed is 421.8 MiB, the ceiling 512.0 MiB.',
    numbers: { heapUsedBytes: 421.8 * MIB, heapCeilingBytes: 512 * MIB },
  }),
];

export function buildVerdict(differs: Partial<Verdict> = {}): Verdict {
  return {
    requestedKind: 'heap-snapshot',
    grantedKind: 'heap-snapshot',
    outcome: 'allowed',
    dryRun: false,
    instance: 'shop-6c9d7b5f4-x2k4q',
    evaluatedAt: atAlert(11),
    steps: [
      { kind: 'heap-snapshot', outcome: 'allowed', guards: [...PASSED_GUARDS, buildGuard()], drains: false },
    ],
    explanation: 'Heap snapshot allowed: needs 2743.9 MiB, 3550.4 MiB are free.',
    ...differs,
  };
}

/** A snapshot refused for want of memory, a profile granted instead. */
export const downgradedVerdict: Verdict = buildVerdict({
  grantedKind: 'heap-profile',
  outcome: 'downgraded',
  steps: [
    { kind: 'heap-snapshot', outcome: 'refused', guards: [...PASSED_GUARDS, refusedHeadroom], drains: false },
    { kind: 'heap-profile', outcome: 'allowed', guards: PASSED_GUARDS.slice(0, 3), drains: false },
  ],
  explanation: 'Heap snapshot refused, 3244.2 MiB missing; a heap profile is taken instead.',
});

/** An artifact that began so many seconds after the alert and took 25 s. */
export function buildArtifact(
  kind: CaptureKind,
  seconds: number,
  differs: Partial<ArtifactManifest> = {},
): ArtifactManifest {
  const suffix = {
    'heap-snapshot': 'heapsnapshot',
    'near-heap-limit': 'heapsnapshot',
    'heap-profile': 'heapprofile',
    'cpu-profile': 'cpuprofile',
    'allocation-timeline': 'heaptimeline',
    'diagnostic-report': 'json',
    'metrics-summary': 'metrics.json',
    inspector: 'none',
  };
  return {
    fileName: `shop-${seconds}.${suffix[kind]}`,
    kind,
    sizeBytes: Math.round(108.9 * MIB),
    sha256: SHA256,
    startedAt: atAlert(seconds),
    finishedAt: atAlert(seconds + 25),
    stallMs: 31,
    captureId: '01jd8qk2m7-shop',
    alertFingerprint: 'f00d',
    instance: 'shop-6c9d7b5f4-x2k4q',
    pid: 4121,
    isolate: 'main',
    nodeVersion: 'v26.10.0',
    v8Version: '14.1',
    heapUsedBytes: Math.round(421.8 * MIB),
    rssGrowthBytes: null,
    verdict: buildVerdict(),
    ...differs,
  };
}

/** A leak found by two snapshots, as the reference page shows it. */
export function buildLeakRecord(differs: Partial<CaptureRecord> = {}): CaptureRecord {
  return buildRecord({
    verdict: buildVerdict(),
    artifacts: [
      buildArtifact('diagnostic-report', 12, {
        sizeBytes: 104_858,
        stallMs: null,
        fileName: 'shop-report.json',
      }),
      buildArtifact('heap-snapshot', 15),
      buildArtifact('heap-snapshot', 326, { stallMs: 28 }),
    ],
    report: buildReport(),
    floorSamples: buildLeakRise(),
    timeline: [
      { at: atAlert(0), event: 'alert', detail: 'Alert NodejsHeapFloorHigh fires' },
      { at: atAlert(11), event: 'accepted', detail: 'Alertmanager delivers it; answered 202 in 4 ms' },
      { at: atAlert(11.04), event: 'verdict', detail: 'Heap snapshot allowed, 5 of 5 guards' },
      { at: atAlert(351), event: 'captured', detail: 'Two snapshots, longest stall 31 ms' },
      { at: atAlert(360), event: 'stored', detail: 'Three files stored, 217.9 MiB' },
      { at: atAlert(380), event: 'analysed', detail: 'Analysed: Session +41,208 objects' },
    ],
    ...differs,
  });
}

/** A snapshot refused, a profile taken instead. */
export function buildDowngradedRecord(differs: Partial<CaptureRecord> = {}): CaptureRecord {
  return buildRecord({
    id: '01jd8rr3x1-checkout',
    state: 'downgraded',
    target: { instance: 'checkout-5f7c9d8b6-4wq8n', service: 'checkout', version: 'v5.3.1' },
    verdict: downgradedVerdict,
    artifacts: [
      buildArtifact('heap-profile', 13, { sizeBytes: 419_430, stallMs: 0, finishedAt: atAlert(43) }),
      buildArtifact('diagnostic-report', 12, { sizeBytes: 104_858, stallMs: null, fileName: 'report.json' }),
    ],
    allocations: buildAllocations(),
    floorSamples: buildFloorRise({
      count: 32,
      fromSeconds: -7200,
      toSeconds: 60,
      fromBytes: 72 * MIB,
      toBytes: 412 * MIB,
      limitBytes: 512 * MIB,
    }),
    timeline: [
      { at: atAlert(11), event: 'accepted', detail: 'Alertmanager delivers it; answered 202 in 5 ms' },
      { at: atAlert(11.03), event: 'verdict', detail: 'Heap snapshot refused by memory-headroom' },
      { at: atAlert(43), event: 'captured', detail: 'Heap profile of 30 s' },
      { at: atAlert(44), event: 'analysed', detail: 'Analysed: JSON.stringify 8.2 MiB' },
    ],
    ...differs,
  });
}
