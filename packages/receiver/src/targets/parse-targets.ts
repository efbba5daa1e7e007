import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { validateControlAddress } from '../control/control-address.ts';
import { cutText } from '../errors.ts';
import type { Target } from './target.ts';

const targetEntry = z.strictObject({
  instance: z.string().min(1).max(256),
  service: z.string().min(1).max(256).optional(),
  version: z.string().min(1).max(256).nullish(),
  address: z.string().min(1).max(1024),
  /** Default: the `instance` label equals `instance`. */
  match: z
    .record(z.string().min(1), z.string())
    .refine((match) => Object.keys(match).length > 0, { error: 'needs at least one label' })
    .optional(),
});

const targetsFile = z.strictObject({ targets: z.array(targetEntry) });

/** Targets from YAML or JSON text (JSON is YAML), with every problem at once. */
export function parseTargets(text: string): { targets: Target[]; problems: string[] } {
  const document = readYaml(text);
  if (document.problem !== null) return { targets: [], problems: [document.problem] };
  const parsed = targetsFile.safeParse(document.value);
  if (!parsed.success) {
    return {
      targets: [],
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    };
  }
  const targets = parsed.data.targets.map(toTarget);
  return { targets, problems: [...addressProblems(targets), ...duplicateProblems(targets)] };
}

function readYaml(text: string): { value: unknown; problem: string | null } {
  try {
    return { value: parseYaml(text), problem: null };
  } catch (error) {
    return { value: null, problem: `is neither YAML nor JSON: ${cutText((error as Error).message)}` };
  }
}

function toTarget(entry: z.output<typeof targetEntry>): Target {
  return {
    instance: entry.instance,
    service: entry.service ?? entry.instance,
    version: entry.version ?? null,
    address: entry.address,
    match: entry.match ?? { instance: entry.instance },
  };
}

function addressProblems(targets: readonly Target[]): string[] {
  return targets.flatMap(({ address }, index) => {
    const problem = validateControlAddress(address);
    return problem === null ? [] : [`targets.${index}.address: ${problem}`];
  });
}

function duplicateProblems(targets: readonly Target[]): string[] {
  return targets.flatMap(({ instance }, index) => {
    const first = targets.findIndex((target) => target.instance === instance);
    return first === index
      ? []
      : [`targets.${index}.instance: '${cutText(instance)}' is also targets.${first}`];
  });
}
