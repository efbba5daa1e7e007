import cluster from 'node:cluster';
import { isMainThread, threadId } from 'node:worker_threads';
import type { Attributes } from '@opentelemetry/api';
import { ATTR_ISOLATE } from '@heapfloor/contract/metrics';

/**
 * Tells the isolates of one resource apart: the operator's injection and many deployments set one
 * `service.instance.id` for all children of a `cluster` and all worker threads. Empty for the main thread.
 */
export function readIsolateAttributes(): Attributes {
  const names = [clusterName(), threadName()].filter((name) => name !== null);
  return names.length === 0 ? {} : { [ATTR_ISOLATE]: names.join('/') };
}

function clusterName(): string | null {
  return cluster.worker === undefined ? null : `cluster-${cluster.worker.id}`;
}

/** Not the thread's name: a pool gives all of its workers one. */
function threadName(): string | null {
  return isMainThread ? null : `worker-${threadId}`;
}
