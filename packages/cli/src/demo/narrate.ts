import type { CaptureRecord, LeakSuspect } from '@heapfloor/contract';
import {
  formatClock,
  formatDelta,
  formatDuration,
  formatMiB,
  formatMiBDelta,
  formatPercent,
  sparkline,
} from '../terminal/format.ts';
import type { InstanceView } from './receiver-client.ts';
import { samplesAtAlert } from './result.ts';

const SPARKLINE_WIDTH = 24;

/** The moving line: where the floor stands against its limit. */
export function narrateFloor(
  view: InstanceView | null,
  history: readonly number[],
  elapsedMs: number,
): [string, string] {
  if (view === null || view.floorRatio === null || view.floorBytes === null || view.limitBytes === null) {
    return ['floor', `no major GC yet · ${formatClock(elapsedMs)}`];
  }
  const ofLimit = `${formatMiB(view.floorBytes)} of ${formatMiB(view.limitBytes)}`;
  const bars = sparkline(history.slice(-SPARKLINE_WIDTH)).padEnd(SPARKLINE_WIDTH);
  const gcs = view.majorGcCount === 1 ? '1 major GC' : `${view.majorGcCount ?? 0} major GCs`;
  return [
    `floor ${formatPercent(view.floorRatio)}`,
    `${bars}  ${ofLimit} · ${gcs} · ${formatClock(elapsedMs)}`,
  ];
}

export function narrateAlert(record: CaptureRecord): string {
  const ratios = samplesAtAlert(record).map((sample) => formatPercent(sample.floorBytes / sample.limitBytes));
  const shown = ratios.length > 3 ? `${ratios[0]} … ${ratios.at(-1)}` : ratios.join(' then ');
  return `${record.alert.alertname} · ${shown} · ${ratios.length} distinct samples above 75 %`;
}

export function narrateCapture(record: CaptureRecord, failedCount: number): string {
  const total = record.artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0);
  const stalls = record.artifacts.flatMap((artifact) => artifact.stallMs ?? []);
  const stall = stalls.length === 0 ? '' : ` · longest stall ${formatDuration(Math.max(...stalls))}`;
  return `${record.artifacts.length} snapshots, ${formatMiB(total)}${stall} · ${failedCount} requests failed`;
}

export function narrateSuspect(suspect: LeakSuspect): [string, string] {
  const growth = `${formatDelta(suspect.countDelta)} objects, ${formatMiBDelta(suspect.retainedDeltaBytes)}`;
  return [
    `${suspect.constructor} ${growth}, ${formatPercent(suspect.shareOfGrowthRatio)} of the growth`,
    `held by  ${suspect.holder}`,
  ];
}
