import { readFile, stat } from 'node:fs/promises';
import type { LogEvent } from '../log.ts';
import { parseTargets } from './parse-targets.ts';
import type { Target } from './target.ts';

export interface TargetRegistry {
  /** The targets as the file says now; while it is wrong, as it said last. */
  list(): Promise<readonly Target[]>;
}

interface FileContent {
  readonly targets: readonly Target[];
  readonly problems: readonly string[];
}

/** Registry over a file that is read again when its modification time changes. */
export async function createTargetRegistry(
  file: string | undefined,
  logEvent: LogEvent,
): Promise<{ registry: TargetRegistry; problems: readonly string[] }> {
  if (file === undefined) return { registry: { list: async () => [] }, problems: [] };
  let readAtMs = await modifiedAtMs(file);
  const { problems, targets: first } = await readTargets(file);
  let targets = first;
  const registry: TargetRegistry = {
    async list() {
      const changedAtMs = await modifiedAtMs(file);
      if (changedAtMs === readAtMs) return targets;
      readAtMs = changedAtMs;
      const content = await readTargets(file);
      if (content.problems.length === 0) {
        targets = content.targets;
        logEvent('info', 'targets-read', { file, targetCount: targets.length });
      } else {
        logEvent('error', 'targets-file-wrong', { file, problems: content.problems });
      }
      return targets;
    },
  };
  return { registry, problems: problems.map((problem) => `targetsFile: ${file}: ${problem}`) };
}

async function readTargets(file: string): Promise<FileContent> {
  try {
    return parseTargets(await readFile(file, 'utf8'));
  } catch (error) {
    return { targets: [], problems: [`cannot be read (${(error as NodeJS.ErrnoException).code})`] };
  }
}

/** Zero when the file is not there: an appearing file is a change too. */
async function modifiedAtMs(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
