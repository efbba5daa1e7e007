import { z } from 'zod';

/** A snapshot is untrusted input: its analysis gets so much and no more. */
export const analysisLimits = z.strictObject({
  memoryLimitMiB: z.int().min(64).default(2048).meta({
    env: 'HEAPFLOOR_ANALYSIS_MEMORY_LIMIT_MIB',
    description:
      'Memory of the analysis process. Two snapshots of 125 MB each need about 700 MiB; what would need more is refused before it is read.',
  }),
  deadlineMs: z.int().min(1000).default(120_000).meta({
    env: 'HEAPFLOOR_ANALYSIS_DEADLINE_MS',
    description: 'Time after which the analysis process is killed.',
  }),
});
export type AnalysisLimits = z.output<typeof analysisLimits>;
