/**
 * The floor rule, declared once. The Prometheus rule, the Grafana rule, the embedded evaluator, the app's own
 * streak and the docs import these numbers.
 */

/** Floor utilization above this ratio (floor / old-space limit) is a breach. Unit: 1. */
export const FLOOR_THRESHOLD_RATIO = 0.75;

/** Two samples above this ratio count at once, without the span: there is no time left to wait. Unit: 1. */
export const FLOOR_CRITICAL_RATIO = 0.9;

/** Consecutive distinct major GCs above the threshold, none below in between. */
export const FLOOR_SAMPLES_REQUIRED = 2;

/** Name of the alert in every dialect; one name across severities. */
export const ALERT_NODEJS_HEAP_FLOOR_HIGH = 'NodejsHeapFloorHigh';

/**
 * Default export interval in seconds, and so the default span that two samples must be apart. A fast leak dies
 * between two samples of OpenTelemetry's default of 60 s.
 */
export const DEFAULT_EXPORT_INTERVAL_SECONDS = 15;

/** What the app counts about one isolate; input of {@link isFloorRuleMet}. */
export interface FloorBreach {
  /** Consecutive major GCs above {@link FLOOR_THRESHOLD_RATIO}. */
  readonly streak: number;
  /** Consecutive major GCs above {@link FLOOR_CRITICAL_RATIO}. */
  readonly criticalStreak: number;
  /** Seconds between the first and the last major GC of the streak. */
  readonly durationSeconds: number;
}

/**
 * The rule itself: two distinct samples at least one export interval apart, or two above the critical ratio.
 * @param minSpanSeconds - the export interval of the pipeline.
 */
export function isFloorRuleMet(breach: FloorBreach, minSpanSeconds: number): boolean {
  const sustained = breach.streak >= FLOOR_SAMPLES_REQUIRED && breach.durationSeconds >= minSpanSeconds;
  return sustained || breach.criticalStreak >= FLOOR_SAMPLES_REQUIRED;
}
