/** A process that may be asked for evidence. Alerts select it by labels; only this file knows its address. */
export interface Target {
  /** `service.instance.id`; commands are signed for it alone. */
  readonly instance: string;
  readonly service: string;
  readonly version: string | null;
  /** Control endpoint: `unix:/run/app/control.sock` or `http://127.0.0.1:9465`. */
  readonly address: string;
  /** Every label must be on the alert with this value. */
  readonly match: Readonly<Record<string, string>>;
}

/** The targets whose every `match` label the alert carries. */
export function matchTargets(
  targets: readonly Target[],
  labels: Readonly<Record<string, string>>,
): readonly Target[] {
  return targets.filter((target) =>
    Object.entries(target.match).every(([name, value]) => labels[name] === value),
  );
}
