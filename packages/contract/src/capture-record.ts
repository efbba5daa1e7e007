import { z } from 'zod';
import { alertEvent } from './alert-event.ts';
import { artifactManifest, captureId, captureKind, verdict } from './control-protocol.ts';
import { allocationReport, leakReport } from './leak-report.ts';

/** A major GC's floor as it was delivered; the chart draws one dot per sample. */
export const floorSample = z.object({
  at: z.iso.datetime({ offset: true }),
  floorBytes: z.number(),
  limitBytes: z.number(),
  heapUsedBytes: z.number().nullable(),
});
export type FloorSample = z.output<typeof floorSample>;

/** Something that happened to a capture. */
export const timelineEntry = z.object({
  at: z.iso.datetime({ offset: true }),
  /** One word for code: alert, accepted, verdict, captured, stored, analysed, retry, resolved, failed. */
  event: z.string(),
  /** One sentence with numbers, for a person. */
  detail: z.string(),
});
export type TimelineEntry = z.output<typeof timelineEntry>;

export const CAPTURE_STATES = ['queued', 'running', 'succeeded', 'downgraded', 'refused', 'failed'] as const;

/** Everything the receiver knows about one capture; the report page shows nothing else. */
export const captureRecord = z.object({
  id: captureId,
  /** `downgraded`: a cheaper kind was taken than asked. `refused`: nothing could be taken. */
  state: z.enum(CAPTURE_STATES),
  alert: alertEvent,
  /** The registered target that the labels selected; null when none matched. */
  target: z.object({ instance: z.string(), service: z.string(), version: z.string().nullable() }).nullable(),
  requestedKind: captureKind,
  createdAt: z.iso.datetime({ offset: true }),
  updatedAt: z.iso.datetime({ offset: true }),
  /** Times the job was started; counted before the start. */
  attempts: z.int().min(0),
  verdict: verdict.nullable(),
  artifacts: z.array(artifactManifest),
  report: leakReport.nullable(),
  /** Of the heap sampling profile, if one was taken. */
  allocations: allocationReport.nullable(),
  /** Floor readings around the alert, oldest first, at most 500. */
  floorSamples: z.array(floorSample),
  timeline: z.array(timelineEntry),
  /** Also beside `succeeded` and `downgraded`, when a part failed: the analysis, the second snapshot. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type CaptureRecord = z.output<typeof captureRecord>;
export type CaptureState = CaptureRecord['state'];
