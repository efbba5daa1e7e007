import { FLOOR_SAMPLES_REQUIRED, FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract/rule';

/** Where the runbooks of this package are published. */
export const RUNBOOK_BASE_URL = 'https://github.com/heapfloor/heapfloor/blob/main/packages/mixin/runbooks';

/** The one label that the rule adds besides `alertname`. */
export const FLOOR_ALERT_SEVERITY = 'warning';

/** What changes from alert to alert: text, or the template that a rule engine fills in. */
export interface FloorAnnotationWords {
  readonly job: string;
  readonly instance: string;
  /** For people: `81.25%`. */
  readonly floorPercentage: string;
  /** For programs, as no webhook of Alertmanager carries the value: `0.8125`. */
  readonly floorRatio: string;
}

export type FloorAnnotations = Readonly<
  Record<'summary' | 'description' | 'runbook_url' | 'floor_ratio', string>
>;

/**
 * Annotations of the floor alert, the same from every rule engine. The summary is static so that it is common to a
 * whole group.
 */
export function floorAnnotations(words: FloorAnnotationWords): FloorAnnotations {
  const threshold = `${FLOOR_THRESHOLD_RATIO * 100} %`;
  return {
    summary: `Node.js heap floor is above ${threshold} of the old-space limit.`,
    description:
      `${words.instance} of ${words.job} still uses ${words.floorPercentage} of its old-space limit after major ` +
      `garbage collections, on ${FLOOR_SAMPLES_REQUIRED} consecutive samples: it leaks, or its limit is too small.`,
    runbook_url: `${RUNBOOK_BASE_URL}/nodejs-heap-floor-high.md`,
    floor_ratio: words.floorRatio,
  };
}

/** As Prometheus' template functions write a ratio: `humanizePercentage` and `printf "%.4f"`. */
export function formatFloorRatio(
  ratio: number,
): Pick<FloorAnnotationWords, 'floorPercentage' | 'floorRatio'> {
  return { floorPercentage: `${Number((ratio * 100).toPrecision(4))}%`, floorRatio: ratio.toFixed(4) };
}
