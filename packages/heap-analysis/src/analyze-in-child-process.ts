import { parseOptions, type AllocationReport, type LeakReport } from '@heapfloor/contract';
import { startAnalysisProcess, stopAnalysisProcess, type AnalysisProcess } from './child/analysis-process.ts';
import { aborted, crashed, deadlineExceeded, fromAnswer, memoryExceeded } from './child/failures.ts';
import { analysisAnswer, type AnalysisRequest } from './child/protocol.ts';
import { readResidentBytes } from './child/resident-memory.ts';
import { HeapAnalysisError } from './errors.ts';
import { analysisLimits, type AnalysisLimits } from './options.ts';
import { once } from 'node:events';
import { setInterval, setTimeout } from 'node:timers/promises';

export interface ChildAnalysisRequest {
  /** Snapshots of one process, oldest first. */
  readonly snapshotPaths?: readonly string[];
  /** A `.heapprofile`. */
  readonly profilePath?: string;
}

export interface ChildAnalysisLimits {
  readonly memoryLimitMiB?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ChildAnalysis {
  readonly report: LeakReport | null;
  readonly allocations: AllocationReport | null;
}

/** Often enough to catch a process that grows by 1 GB/s before it takes much more than its limit. */
const MEMORY_POLL_MS = 200;

/**
 * Analyses in a process of its own, with a memory limit and a deadline: what a snapshot says is not to be trusted, and a
 * large one would stop the event loop for seconds.
 */
export async function analyzeInChildProcess(
  request: ChildAnalysisRequest,
  { signal, ...given }: ChildAnalysisLimits = {},
): Promise<ChildAnalysis> {
  const context = { what: 'heap analysis limits', code: 'HEAP_ANALYSIS_INVALID_LIMITS' };
  const limits = parseOptions(analysisLimits, given, context);
  const question = toQuestion(request, limits);
  if (signal?.aborted === true) throw aborted(signal);
  const child = startAnalysisProcess(limits);
  const end = new AbortController();
  try {
    child.process.send(question);
    const message = await Promise.race([
      awaitAnswer(child, end.signal),
      failOnClose(child, end.signal),
      failAtDeadline(limits, end.signal),
      failOverMemory(child, limits, end.signal),
      ...(signal === undefined ? [] : [failOnAbort(signal, end.signal)]),
    ]);
    return toAnalysis(message);
  } finally {
    end.abort();
    await stopAnalysisProcess(child);
  }
}

function toQuestion(request: ChildAnalysisRequest, limits: AnalysisLimits): AnalysisRequest {
  const snapshotPaths = [...(request.snapshotPaths ?? [])];
  const profilePath = request.profilePath ?? null;
  if (snapshotPaths.length === 0 && profilePath === null) {
    const message = 'nothing to analyse; give snapshotPaths or profilePath';
    throw new HeapAnalysisError('HEAP_ANALYSIS_INVALID_REQUEST', message);
  }
  return { snapshotPaths, profilePath, memoryLimitBytes: limits.memoryLimitMiB * 2 ** 20 };
}

async function awaitAnswer(child: AnalysisProcess, end: AbortSignal): Promise<unknown> {
  const [message] = (await once(child.process, 'message', { signal: end })) as unknown[];
  return message;
}

async function failOnClose(child: AnalysisProcess, end: AbortSignal): Promise<never> {
  const [code, signal] = (await once(child.process, 'close', { signal: end })) as [
    number | null,
    string | null,
  ];
  throw crashed(child, code === null ? `signal ${signal}` : `exit code ${code}`);
}

async function failAtDeadline(limits: AnalysisLimits, end: AbortSignal): Promise<never> {
  await setTimeout(limits.deadlineMs, undefined, { signal: end });
  throw deadlineExceeded(limits);
}

async function failOverMemory(
  child: AnalysisProcess,
  limits: AnalysisLimits,
  end: AbortSignal,
): Promise<never> {
  const { pid } = child.process;
  for await (const _ of setInterval(MEMORY_POLL_MS, undefined, { signal: end })) {
    const residentBytes = pid === undefined ? null : await readResidentBytes(pid);
    if (residentBytes !== null && residentBytes > limits.memoryLimitMiB * 2 ** 20) break;
  }
  throw memoryExceeded(limits);
}

async function failOnAbort(signal: AbortSignal, end: AbortSignal): Promise<never> {
  await once(signal, 'abort', { signal: end });
  throw aborted(signal);
}

function toAnalysis(message: unknown): ChildAnalysis {
  const answer = analysisAnswer.parse(message);
  if (!answer.isSuccess) throw fromAnswer(answer);
  return { report: answer.report, allocations: answer.allocations };
}
