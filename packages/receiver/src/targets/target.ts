import { ATTR_ISOLATE } from '@heapfloor/contract/metrics';
import { prometheusLabel } from '@heapfloor/mixin';

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

const ISOLATE_LABEL = prometheusLabel(ATTR_ISOLATE);

/**
 * The targets whose every `match` label the alert carries. An alert of a worker thread or a child of a `cluster` selects
 * only a target that names it: a capture of the main isolate would show another heap.
 */
export function matchTargets(
  targets: readonly Target[],
  labels: Readonly<Record<string, string>>,
): readonly Target[] {
  return targets.filter(({ match }) => {
    const isItsIsolate = labels[ISOLATE_LABEL] === undefined || ISOLATE_LABEL in match;
    return isItsIsolate && Object.entries(match).every(([name, value]) => labels[name] === value);
  });
}
