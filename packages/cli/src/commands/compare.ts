import type { ConstructorDelta, LeakReport, LeakSuspect } from '@heapfloor/contract';
import { analyzeSnapshots, formatRetainerPath } from '@heapfloor/heap-analysis';
import { z } from 'zod';
import { describeFlags, parseArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import {
  formatCount,
  formatDelta,
  formatMiBDelta,
  formatPercent,
  formatTable,
  plainText,
} from '../terminal/format.ts';

const SHOWN_ROWS = 15;

const compareOptions = z.strictObject({
  json: z.boolean().default(false).meta({ description: 'Print one JSON object instead of text.' }),
});

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Compare two heap snapshots: which constructor grew, who retains it.',
  help: [
    'heapfloor compare <older.heapsnapshot> <newer.heapsnapshot> [--json]',
    '',
    'Both snapshots must come from the same process; columns are those of DevTools’ Comparison view.',
    '',
    describeFlags(compareOptions),
  ].join('\n'),
  async run(args, { stdout }) {
    const rules = { command: 'heapfloor compare', positionals: [2, 2] } as const;
    const { options, positionals } = parseArguments(compareOptions, args, rules);
    const report = await analyzeSnapshots(positionals);
    stdout.write(`${options.json ? JSON.stringify(toJson(report)) : toText(report)}\n`);
    return 0;
  },
};

function toJson(report: LeakReport): Record<string, unknown> {
  const constructors = report.constructors.map(
    ({ name, newCount, deletedCount, countDelta, sizeDeltaBytes }) => ({
      name,
      newCount,
      deletedCount,
      countDelta,
      sizeDeltaBytes,
    }),
  );
  return { constructors, suspect: suspectToJson(report.suspect) };
}

/** The suspect as the `--json` outputs of `compare` and `demo` show it. */
export function suspectToJson(suspect: LeakSuspect | null): Record<string, unknown> | null {
  if (suspect === null) return null;
  return { constructor: suspect.constructor, retainerPath: formatRetainerPath(suspect) };
}

function toText(report: LeakReport): string {
  const rows = report.constructors.slice(0, SHOWN_ROWS).map(toRow);
  const hidden = report.constructors.length - rows.length;
  return [
    ...(report.suspect === null
      ? ['No suspect: nothing grew in a way that a leak does.']
      : describe(report.suspect)),
    '',
    formatTable([['Constructor', '# New', '# Deleted', '# Delta', 'Size delta'], ...rows]),
    ...(hidden > 0 ? [`… and ${formatCount(hidden)} more; --json prints all`] : []),
  ].join('\n');
}

function describe(suspect: LeakSuspect): string[] {
  const growth = `${formatDelta(suspect.countDelta)} objects, ${formatMiBDelta(suspect.retainedDeltaBytes)}`;
  return [
    `${plainText(suspect.constructor)} ${growth}, ${formatPercent(suspect.shareOfGrowthRatio)} of the growth (confidence ${suspect.confidence}: ${suspect.confidenceReason})`,
    ...formatRetainerPath(suspect).map((step, depth) => `${'  '.repeat(depth + 1)}${step}`),
  ];
}

function toRow(row: ConstructorDelta): string[] {
  return [
    plainText(row.name),
    formatCount(row.newCount),
    formatCount(row.deletedCount),
    formatDelta(row.countDelta),
    formatMiBDelta(row.sizeDeltaBytes),
  ];
}
