import type {
  ArtifactManifest,
  CaptureCommand,
  CaptureKind,
  InspectorAccess,
  IsolateCoverage,
  Verdict,
} from '@heapfloor/contract';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Drain } from '../drain/drain.ts';
import type { CaptureFacts, CapturePolicy } from '../guards/guard.ts';
import type { SessionLatch } from '../inspector/session-latch.ts';
import type { Log } from '../log.ts';
import type { Lease } from '../probe/lease.ts';
import type { LearnedCosts } from './learned-costs.ts';
import type { MainIsolateLink } from './main-isolate.ts';
import type { Heart } from './measure-stall.ts';

/** One allowed capture. */
export interface CaptureRun {
  readonly command: CaptureCommand;
  readonly verdict: Verdict;
  readonly kind: CaptureKind;
  readonly directory: string;
  /** Ends a profile or an inspector before its time. */
  readonly signal: AbortSignal;
  /** Called for each artifact as soon as it is whole. */
  readonly onArtifact: (manifest: ArtifactManifest) => void;
  readonly onPhase: (phase: string) => void;
  readonly onIsolates: (isolates: readonly IsolateCoverage[]) => void;
  readonly onInspector: (access: InspectorAccess) => void;
}

/** What all captures of this process share. */
export interface CaptureTools {
  readonly policy: CapturePolicy;
  /** Longest wait for one snapshot. */
  readonly timeoutMs: number;
  readonly heart: Heart;
  readonly link: MainIsolateLink;
  readonly drain: Drain;
  readonly lease: Lease;
  readonly latch: SessionLatch;
  readonly learned: LearnedCosts;
  readonly readFacts: (command: CaptureCommand) => Promise<CaptureFacts>;
  readonly audit: AuditLog;
  readonly log: Log;
}

/** Reason of {@link CaptureRun.signal}; any other is the end of the control. */
export const STOPPED_BY_COMMAND = 'stopped by command';
