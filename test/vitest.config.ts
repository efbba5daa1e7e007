import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const conditions = ['@heapfloor/source'];
/** Set by `.ci/run`, which adds up the reports of several runs. */
const reportDirectory = process.env['HEAPFLOOR_REPORT_DIR'];
const reportFile = `${reportDirectory}/vitest-${process.versions.node}.json`;

/** Two projects: `unit` also runs on Node 22 and 24; `journeys` start real processes, and real peers when they are there. */
export default defineConfig({
  root,
  test: {
    ...(reportDirectory === undefined
      ? {}
      : { reporters: ['default', 'json'], outputFile: { json: reportFile } }),
    projects: [
      {
        root,
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', '.ci/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        root,
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          // Each journey starts several processes; on two cores they run one file at a time.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
