import { allocationReport, leakReport } from '@heapfloor/contract';
import { z } from 'zod';

/** What the analysis process is asked. */
export const analysisRequest = z.object({
  snapshotPaths: z.array(z.string()),
  profilePath: z.string().nullable(),
  memoryLimitBytes: z.number(),
});
export type AnalysisRequest = z.output<typeof analysisRequest>;

/** What it answers, once. The parent checks it: the file that the child read is untrusted. */
export const analysisAnswer = z.discriminatedUnion('isSuccess', [
  z.object({
    isSuccess: z.literal(true),
    report: leakReport.nullable(),
    allocations: allocationReport.nullable(),
  }),
  z.object({
    isSuccess: z.literal(false),
    /** A code of this package, or empty for any other error. */
    code: z.string(),
    message: z.string(),
    byteOffset: z.number().nullable(),
  }),
]);
export type AnalysisAnswer = z.output<typeof analysisAnswer>;
