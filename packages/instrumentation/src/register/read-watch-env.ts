import { METRIC_DETAILS, type MetricDetail } from '@heapfloor/contract/metrics';
import { readChoice, readText, showValue, splitList, type Env } from './env-values.ts';

/** What is measured, and how; the same in each thread. */
export interface WatchSettings {
  readonly details: readonly MetricDetail[];
  readonly exactFloor: boolean;
}

/** Reads our own variables. */
export function readWatchEnv(env: Env): { settings: WatchSettings; problems: readonly string[] } {
  const problems: string[] = [];
  const details = readDetails(env, problems);
  const exact = readChoice({ env, name: 'HEAPFLOOR_EXACT_FLOOR', problems }, ['true', 'false']);
  return { settings: { details, exactFloor: exact === 'true' }, problems };
}

function readDetails(env: Env, problems: string[]): readonly MetricDetail[] {
  const names = splitList(readText(env, 'HEAPFLOOR_METRIC_DETAILS') ?? '');
  const known = [...METRIC_DETAILS, 'all'].join(', ');
  const unknown = names.filter((name) => name !== 'all' && !isDetail(name));
  if (unknown.length > 0) {
    problems.push(`HEAPFLOOR_METRIC_DETAILS=${showValue(unknown.join())}: there are ${known}; ignored`);
  }
  return names.includes('all') ? METRIC_DETAILS : [...new Set(names.filter(isDetail))];
}

function isDetail(name: string): name is MetricDetail {
  return (METRIC_DETAILS as readonly string[]).includes(name);
}
