import { readMemory } from '../facts/read-memory.ts';
import type { ArtifactFile } from './artifact-file.ts';
import type { Isolate } from './isolates.ts';
import { ANSWER_TIMEOUT_MS } from './main-isolate.ts';

/** From the built-in modules, as an app may have put something else in the place of a global. */
const READ_ISOLATE = `(() => {
  const v8 = process.getBuiltinModule('v8');
  const { performance } = process.getBuiltinModule('perf_hooks');
  const { memoryUsage, resourceUsage, getActiveResourcesInfo, uptime } = process;
  const activeResources = {};
  for (const type of getActiveResourcesInfo()) activeResources[type] = (activeResources[type] ?? 0) + 1;
  const spaces = {};
  for (const { space_name, ...space } of v8.getHeapSpaceStatistics()) spaces[space_name] = space;
  return JSON.stringify({
    heap: v8.getHeapStatistics(),
    spaces,
    memoryUsage: memoryUsage(),
    resourceUsage: resourceUsage(),
    eventLoopUtilization: performance.eventLoopUtilization(),
    activeResources,
    uptimeSeconds: uptime(),
  });
})()`;

type Numbers = { [key: string]: number | Numbers };

/**
 * Numbers alone: what a person may send around without a thought. An app can patch what is read here, so of its answer only
 * numbers under plain names are taken, and no more of them than there can be. An isolate that stands in native code gives
 * none, the process still does.
 */
export async function takeMetricsSummary(
  { isolate, heapUsedBytes, evaluate }: Isolate,
  file: ArtifactFile,
  timeoutMs: number = ANSWER_TIMEOUT_MS,
): Promise<void> {
  const answer = await evaluate<string>(READ_ISOLATE, timeoutMs).then(
    (text) => pickNumbers(JSON.parse(text)),
    () => null,
  );
  const { node, v8, uv } = process.versions;
  const summary = {
    at: new Date().toISOString(),
    versions: { node, v8, uv },
    process: await readProcess(),
    isolate: { isolate, heapUsedBytes, answered: answer !== null, ...answer },
  };
  file.write(JSON.stringify(summary, undefined, 2));
}

/** Of the whole process, as this thread sees it, so there also when no isolate answers. */
async function readProcess(): Promise<object> {
  const rssBytes = process.memoryUsage.rss();
  const { limitBytes, availableBytes, source } = await readMemory(rssBytes);
  return {
    pid: process.pid,
    uptimeSeconds: process.uptime(),
    rssBytes,
    availableBytes,
    limitBytes,
    limitSource: source,
  };
}

const MAX_KEY_COUNT = 64;
const MAX_DEPTH = 3;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,47}$/;

export function pickNumbers(value: unknown, depth: number = MAX_DEPTH): Numbers {
  const numbers: Numbers = {};
  if (typeof value !== 'object' || value === null) return numbers;
  for (const [key, inner] of Object.entries(value).slice(0, MAX_KEY_COUNT)) {
    if (!NAME.test(key)) continue;
    if (typeof inner === 'number') numbers[key] = inner;
    else if (depth > 1 && typeof inner === 'object') numbers[key] = pickNumbers(inner, depth - 1);
  }
  return numbers;
}
