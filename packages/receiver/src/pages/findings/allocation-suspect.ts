import type { AllocationReport, AllocationSite } from '@heapfloor/contract';
import { frameOf, isUserCode } from './stack-frame.ts';

/** The place in the user's code that a profile points at. */
export interface AllocationSuspect {
  readonly functionName: string;
  readonly source: string | null;
  /** Sampled bytes of the place and of what it calls. */
  readonly totalSizeBytes: number;
  /** The same place in the list of sites, if it allocates itself. */
  readonly site: AllocationSite | null;
}

/**
 * Where most bytes come from, or, when that is a built-in (`JSON.stringify`), its nearest caller that has a source:
 * nobody can mend a built-in.
 */
export function allocationSuspect(report: AllocationReport | null): AllocationSuspect | null {
  const sites = sitesBySize(report);
  const [top] = sites;
  if (top === undefined) return null;
  const path = top.stack.toReversed().map((text) => ({ text, ...frameOf(text, sites) }));
  const caller = path.find(({ source }) => isUserCode(source));
  if (isUserCode(top.source) || caller === undefined) {
    return toSuspect(isUserCode(top.source) ? top : (sites.find((site) => isUserCode(site.source)) ?? top));
  }
  const through = sites.filter(({ stack }) => stack.includes(caller.text));
  return {
    functionName: caller.name,
    source: caller.source,
    totalSizeBytes: through.reduce((sum, { selfSizeBytes }) => sum + selfSizeBytes, 0),
    site: sites.find(({ stack }) => stack.at(-1) === caller.text) ?? null,
  };
}

/** How a suspect is called: a function without a name goes by its place. */
export function suspectName({ functionName, source }: AllocationSuspect): string {
  return functionName === '(anonymous)' && source !== null ? source : functionName;
}

/** The sites, largest own size first. */
export function sitesBySize(report: AllocationReport | null): readonly AllocationSite[] {
  return (report?.sites ?? []).toSorted((a, b) => b.selfSizeBytes - a.selfSizeBytes);
}

function toSuspect(site: AllocationSite): AllocationSuspect {
  const { functionName, source, totalSizeBytes } = site;
  return { functionName, source, totalSizeBytes, site };
}
