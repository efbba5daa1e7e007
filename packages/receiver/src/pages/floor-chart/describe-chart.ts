import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract';
import { formatBytes, formatClock, formatClockSeconds, formatRate, formatShare } from '../markup/format.ts';
import type { FloorChartModel } from './chart-model.ts';
import type { FloorPoint } from './floor-points.ts';

/** The whole chart in words, for those who do not see it. */
export function describeChart(model: FloorChartModel): string {
  const { points, pair, alertAtMs, marks, trend } = model;
  const last = points.at(-1);
  const threshold = formatShare(FLOOR_THRESHOLD_RATIO);
  const sentences = [
    last && `${points.length} readings, the newest ${sampleText(last)}.`,
    pair && `First sample above ${threshold}: ${sampleText(pair[0])}; second: ${sampleText(pair[1])}.`,
    alertAtMs !== null && `Alert at ${clockOf(alertAtMs)}.`,
    ...marks.flatMap((group) => group.marks.map(({ text }) => `${text}.`)),
    trend &&
      `The floor rises by ${formatRate(trend.bytesPerMs)} and reaches the limit about ${formatClock(new Date(trend.fullAtMs))}.`,
  ];
  return sentences.filter((sentence) => typeof sentence === 'string').join(' ');
}

function sampleText({ atMs, floorBytes, floorRatio }: FloorPoint): string {
  return `${formatBytes(floorBytes)} (${formatShare(floorRatio)}) at ${clockOf(atMs)}`;
}

function clockOf(ms: number): string {
  return formatClockSeconds(new Date(ms));
}
