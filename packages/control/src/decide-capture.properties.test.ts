import { CAPTURE_KINDS, verdict as verdictSchema, type CaptureKind, type Verdict } from '@heapfloor/contract';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideCapture } from './decide-capture.ts';
import type {
  CaptureFacts,
  CapturePolicy,
  CaptureRequest,
  CaptureState,
  GuardInput,
} from './guards/guard.ts';
import { buildSituation, MIB, NOW_MS } from './testing/build-situation.fixture.ts';

const kind = fc.constantFrom(...CAPTURE_KINDS);
const kinds = fc.subarray([...CAPTURE_KINDS]);
const bytes = fc.oneof(
  fc.integer({ min: 0, max: 4096 }).map((mib) => mib * MIB),
  fc.nat({ max: 2 ** 46 }),
);
const durationMs = fc.oneof(fc.nat({ max: 120_000 }), fc.nat({ max: 1e12 }));
const ratio = fc.double({ min: 0, max: 100, noNaN: true });
/** Also from the future: somebody has set the clock back. */
const atMs = fc.integer({ min: NOW_MS - 2 * 86_400_000, max: NOW_MS + 86_400_000 });
const instance = fc.constantFrom('app-1', 'app-2');

const facts: fc.Arbitrary<CaptureFacts> = fc.record({
  nowMs: fc.constant(NOW_MS),
  uptimeMs: fc.oneof(durationMs, fc.double({ min: 0, max: 1e9, noNaN: true })),
  killSwitch: fc.option(fc.constant('file /etc/off')),
  heapUsedBytes: bytes,
  pausesMain: fc.boolean(),
  heapLimitBytes: bytes,
  rssBytes: bytes,
  memory: fc.record({
    availableBytes: bytes,
    limitBytes: fc.option(bytes),
    source: fc.constantFrom('cgroup', 'free memory'),
  }),
  reusableBytes: bytes,
  disk: fc.record({
    freeBytes: bytes,
    usedBytes: bytes,
    problem: fc.option(fc.string({ maxLength: 20 })),
  }),
  eventLoopDelayMs: fc.option(durationMs),
  eventLoopTimeoutMs: durationMs,
  eventLoopUtilizationRatio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  learned: fc.option(
    fc.record({
      captureCount: fc.integer({ min: 1, max: 10 }),
      headroomRatio: ratio,
      pauseMsPerMib: ratio,
      fileRatio: ratio,
    }),
  ),
  drain: fc.record({ isConfigured: fc.boolean(), answersLiveness: fc.boolean() }),
});

const policy: fc.Arbitrary<CapturePolicy> = fc.record({
  instance: fc.constant('app-1'),
  enabledKinds: fc.oneof(fc.constant(CAPTURE_KINDS), kinds),
  warmUpMs: durationMs,
  alertMaxAgeMs: durationMs,
  cooldownMs: fc.record(
    Object.fromEntries(CAPTURE_KINDS.map((name) => [name, durationMs])) as Record<
      CaptureKind,
      fc.Arbitrary<number>
    >,
  ),
  budgets: fc.array(fc.record({ kinds, maxCount: fc.nat({ max: 5 }), windowMs: durationMs }), {
    maxLength: 3,
  }),
  heapCeilingBytes: bytes,
  headroomRatio: ratio,
  headroomMarginRatio: ratio,
  pauseMsPerMib: ratio,
  maxPauseMs: durationMs,
  maxDrainedPauseMs: durationMs,
  probeBudgetMs: fc.option(durationMs),
  maxEventLoopUtilizationRatio: fc.double({ min: 0, max: 1, noNaN: true }),
  freeDiskRatio: ratio,
  artifactQuotaBytes: bytes,
});

const state: fc.Arbitrary<CaptureState> = fc.record({
  running: fc.option(fc.record({ captureId: fc.constant('other-001'), kind, startedAtMs: atMs }), {
    freq: 9,
  }),
  attempts: fc.array(fc.record({ kind, startedAtMs: atMs, instance }), { maxLength: 8 }),
  lockouts: fc.array(fc.record({ kind, sinceMs: atMs, captureId: fc.constant('fatal-001') }), {
    maxLength: 2,
  }),
});

const request: fc.Arbitrary<CaptureRequest> = fc.record({
  alertStartsAtMs: fc.option(atMs),
  keyKinds: fc.option(kinds),
});

type Input = Omit<GuardInput, 'kind'>;
const ALLOWED = buildSituation({});
const input: fc.Arbitrary<Input> = fc.record({
  facts: mostly(ALLOWED.facts, facts),
  policy: mostly(ALLOWED.policy, policy),
  state: mostly(ALLOWED.state, state),
  request: mostly(ALLOWED.request, request),
});

/** Fields from a situation that allows everything, and a few of any value: else hardly anything would be allowed. */
function mostly<T extends object>(allowed: T, any: fc.Arbitrary<T>): fc.Arbitrary<T> {
  const names = Object.keys(allowed) as (keyof T)[];
  return fc
    .tuple(any, fc.subarray(names, { maxLength: Math.min(3, names.length) }))
    .map(([values, changed]) => ({
      ...allowed,
      ...Object.fromEntries(changed.map((name) => [name, values[name]])),
    }));
}

const decide = (asked: CaptureKind, situation: Input): Verdict =>
  decideCapture({ kind: asked, dryRun: false }, situation);

/** 0 nothing, 1 the cheapest rung, and so on up to what was asked for. */
const rungOf = ({ steps, grantedKind }: Verdict, asked: CaptureKind): number =>
  grantedKind === null ? 0 : grantedKind === asked ? 9 : 9 - steps.length;

describe('decideCapture, whatever the situation', () => {
  it('grants a kind only when none of its guards refused, and names a reason when it refuses', () => {
    const outcomes = { allowed: 0, downgraded: 0, refused: 0 };
    fc.assert(
      fc.property(kind, input, (asked, situation) => {
        const verdict = decide(asked, situation);
        for (const step of verdict.steps) {
          const isAllowed = step.guards.every(({ outcome }) => outcome === 'allowed');
          expect(step.outcome).toBe(isAllowed ? 'allowed' : 'refused');
          expect(step.kind === verdict.grantedKind).toBe(isAllowed);
          expect(step.guards.length).toBeGreaterThan(7);
          expect(!step.drains || (situation.facts.drain.isConfigured && isAllowed)).toBe(true);
        }
        outcomes[verdict.outcome] += 1;
      }),
      { numRuns: 2000 },
    );
    // Else the inputs would prove nothing.
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(100);
  });

  it('has finite numbers, sentences as reasons, one or two as explanation, and is what the wire takes', () => {
    fc.assert(
      fc.property(kind, input, (asked, situation) => {
        const verdict = decide(asked, situation);
        expect(verdictSchema.safeParse(verdict).error).toBeUndefined();
        for (const { reason, numbers } of verdict.steps.flatMap(({ guards }) => guards)) {
          expect(reason).toMatch(/^[A-Z].{4,}\.$/su);
          expect(reason).not.toMatch(/NaN|undefined|Infinity|null/u);
          expect(Object.values(numbers).every((value) => Number.isFinite(value))).toBe(true);
          expect(
            Object.keys(numbers).filter((name) => !/(Bytes|Ms|Ratio|Count|MsPerMib)$/u.test(name)),
          ).toEqual([]);
        }
        expect(verdict.explanation).toMatch(/^[A-Z].{10,}\.$/su);
        expect(verdict.explanation.split(/\. (?=[A-Z])/u).length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 2000 },
    );
  });

  it('allows no less with more memory, more disk, fewer artifacts, less load, or a drain', () => {
    const improvements: readonly ((facts: CaptureFacts, by: number) => Partial<CaptureFacts>)[] = [
      ({ memory }, by) => ({ memory: { ...memory, availableBytes: memory.availableBytes + by } }),
      ({ reusableBytes }, by) => ({ reusableBytes: reusableBytes + by }),
      ({ disk }, by) => ({ disk: { ...disk, freeBytes: disk.freeBytes + by } }),
      ({ disk }, by) => ({ disk: { ...disk, usedBytes: Math.max(0, disk.usedBytes - by) } }),
      ({ disk }) => ({ disk: { ...disk, problem: null } }),
      () => ({ eventLoopUtilizationRatio: 0 }),
      () => ({ killSwitch: null }),
      ({ uptimeMs }, by) => ({ uptimeMs: uptimeMs + by }),
      ({ drain }) => ({ drain: { ...drain, isConfigured: true } }),
      ({ drain }) => ({ drain: { ...drain, answersLiveness: true } }),
    ];
    fc.assert(
      fc.property(kind, input, fc.constantFrom(...improvements), bytes, (asked, situation, improve, by) => {
        const better = { ...situation.facts, ...improve(situation.facts, by) };
        const before = rungOf(decide(asked, situation), asked);
        expect(rungOf(decide(asked, { ...situation, facts: better }), asked)).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it('allows no more with a larger heap', () => {
    fc.assert(
      fc.property(kind, input, bytes, (asked, situation, by) => {
        const heapUsedBytes = situation.facts.heapUsedBytes + by;
        // The limit grows along: a heap that has come closer to it needs less to get there.
        const heapLimitBytes = Math.max(situation.facts.heapLimitBytes, situation.facts.heapUsedBytes) + by;
        const larger = { ...situation, facts: { ...situation.facts, heapUsedBytes, heapLimitBytes } };
        expect(rungOf(decide(asked, larger), asked)).toBeLessThanOrEqual(
          rungOf(decide(asked, situation), asked),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('allows by cooldown, budget and warm-up at the time that it named', () => {
    let waited = 0;
    fc.assert(
      fc.property(kind, input, (asked, situation) => {
        const { nowMs, uptimeMs } = situation.facts;
        for (const { guard, retryAt } of decide(asked, situation).steps[0]?.guards ?? []) {
          if (retryAt === null) continue;
          waited += 1;
          const laterMs = Date.parse(retryAt);
          const attempts = situation.state.attempts.map((attempt) => ({
            ...attempt,
            startedAtMs: Math.min(nowMs, attempt.startedAtMs),
          }));
          const later = decide(asked, {
            ...situation,
            state: { ...situation.state, attempts },
            facts: { ...situation.facts, nowMs: laterMs, uptimeMs: uptimeMs + laterMs - nowMs },
          });
          const again = later.steps[0]?.guards.find((result) => result.guard === guard);
          expect(again?.outcome).toBe('allowed');
        }
      }),
      { numRuns: 2000 },
    );
    expect(waited).toBeGreaterThan(100);
  });
});
