import cluster from 'node:cluster';
import workerThreads from 'node:worker_threads';
import type { Attributes } from '@opentelemetry/api';
import { ATTR_ISOLATE } from '@heapfloor/contract/metrics';

/** Names of threads are the app's own; a label is not the place for a long one. */
const MAX_NAME_LENGTH = 50;

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

function threadName(): string | null {
  if (workerThreads.isMainThread) return null;
  // Since Node 22.20 and 24.6.
  const { threadName: name } = workerThreads as { readonly threadName?: string };
  return name === undefined || name === ''
    ? `worker-${workerThreads.threadId}`
    : name.slice(0, MAX_NAME_LENGTH);
}
