import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { AllocationReport } from '@heapfloor/contract';
import { HeapAnalysisError } from './errors.ts';
import { reportAllocations } from './heap-profile/allocation-sites.ts';
import { notAProfile, parseProfileTree } from './heap-profile/profile-tree.ts';
import { inspectSourceFile, type SourceFile } from './snapshot/byte-source.ts';

/** Profiles have some hundred kB; V8's longest string, which the text has to fit, has 512 MB. */
const MAX_PROFILE_BYTES = 256 << 20;

/** Reads a `.heapprofile` of V8's sampling heap profiler, also a gzipped one. */
export async function analyzeHeapProfile(filePath: string): Promise<AllocationReport> {
  const file = await inspectSourceFile(filePath);
  return reportAllocations(parseProfileTree(parseJson(await readText(file))));
}

async function readText(file: SourceFile): Promise<string> {
  if (file.fileSizeBytes > MAX_PROFILE_BYTES) throw tooLarge(file.fileSizeBytes);
  const bytes = await readFile(file.filePath);
  if (!file.isGzip) return bytes.toString('utf8');
  try {
    const options = { maxOutputLength: MAX_PROFILE_BYTES };
    return (await promisify(gunzip)(bytes, options)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(null);
    throw notAProfile('a whole gzip stream', error);
  }
}

function tooLarge(sizeBytes: number | null): HeapAnalysisError {
  const seen = sizeBytes === null ? 'a larger one inside the gzip' : `${sizeBytes} bytes`;
  const message = `the heap profile is too large: expected at most ${MAX_PROFILE_BYTES} bytes, saw ${seen}; sample less often`;
  return new HeapAnalysisError('HEAP_ANALYSIS_TOO_LARGE', message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the text, which may hold anything.
    throw notAProfile(text.trim() === '' ? 'JSON, saw an empty file' : 'JSON', error);
  }
}
