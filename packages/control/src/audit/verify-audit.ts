import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AUDIT_EVENTS } from './audit-event.ts';
import { hashLine, listAuditFiles, splitLines } from './audit-files.ts';

export interface AuditVerdict {
  readonly isIntact: boolean;
  readonly lineCount: number;
  readonly fileCount: number;
  /** Older files were rotated away: the chain does not begin with the first line ever written. */
  readonly isCut: boolean;
  /** Behind the last whole line; a process that died in its last write leaves them. */
  readonly tornBytes: number;
  /** Of the last whole line: who has noted it elsewhere knows that nothing was rewritten. */
  readonly lastHash: string | null;
  readonly problem: { readonly file: string; readonly lineNumber: number; readonly reason: string } | null;
}

const auditLine = z.looseObject({
  sequence: z.int().min(1),
  at: z.iso.datetime(),
  event: z.enum(AUDIT_EVENTS),
  previous: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});

interface PlacedLine {
  readonly file: string;
  readonly lineNumber: number;
  readonly bytes: Buffer;
}

/**
 * Reads the chain from file to file, up to the last whole line.
 * @param directory - of one instance.
 */
export function verifyAudit(directory: string): AuditVerdict {
  const files = listAuditFiles(directory);
  let torn: Buffer = Buffer.alloc(0);
  const lines = files.flatMap((file) => {
    const all = splitLines(readFileSync(file));
    torn = all.pop() ?? torn;
    return all.map((bytes, index): PlacedLine => ({ file, lineNumber: index + 1, bytes }));
  });
  const problem = findProblem(lines);
  const last = lines.at(-1);
  return {
    isIntact: problem === null,
    lineCount: lines.length,
    fileCount: files.length,
    isCut: firstSequence(lines) !== 1,
    tornBytes: torn.length,
    lastHash: last === undefined ? null : hashLine(last.bytes),
    problem,
  };
}

function firstSequence(lines: readonly PlacedLine[]): number {
  for (const { bytes } of lines) {
    const sequence = parseLine(bytes)?.sequence;
    if (sequence !== undefined) return sequence;
  }
  return 1;
}

function findProblem(lines: readonly PlacedLine[]): AuditVerdict['problem'] {
  let before: PlacedLine | null = null;
  let sequence: number | null = null;
  for (const [index, line] of lines.entries()) {
    const parsed = parseLine(line.bytes);
    const next = lines[index + 1];
    const reason: string | null =
      parsed === null
        ? problemOfTorn(line, next)
        : problemOfLine(parsed, { before, sequence: sequence === null ? null : sequence + 1 });
    if (reason !== null) return { file: line.file, lineNumber: line.lineNumber, reason };
    sequence = parsed?.sequence ?? sequence;
    before = line;
  }
  return null;
}

function problemOfLine(
  parsed: z.output<typeof auditLine>,
  { before, sequence }: { before: PlacedLine | null; sequence: number | null },
): string | null {
  if (sequence !== null && parsed.sequence !== sequence) {
    return `its number is ${parsed.sequence}, ${sequence} is expected`;
  }
  // In the first file that is left nothing stands before.
  if (before === null) {
    const isFirst = parsed.sequence === 1;
    return isFirst === (parsed.previous === null) ? null : 'only line 1 has no line before it';
  }
  return parsed.previous === hashLine(before.bytes)
    ? null
    : 'the line before it is not the one that was there';
}

/** A line that was cut off is all right where the next one says so; it is in the chain like any other. */
function problemOfTorn({ bytes }: PlacedLine, next: PlacedLine | undefined): string | null {
  const resumed = next === undefined ? null : parseLine(next.bytes);
  const isNamed = resumed?.event === 'resumed' && resumed['sizeBytes'] === bytes.length;
  return isNamed ? null : 'it is no line of an audit log';
}

function parseLine(bytes: Buffer): z.output<typeof auditLine> | null {
  try {
    return auditLine.safeParse(JSON.parse(bytes.toString())).data ?? null;
  } catch {
    return null;
  }
}
