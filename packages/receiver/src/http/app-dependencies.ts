import type { CaptureRecord, ProblemDetails } from '@heapfloor/contract';
import type { Activity } from '../activity.ts';
import type { AdmitAlert } from '../alerts/admit-alert.ts';
import type { Credentials } from '../credentials.ts';
import type { EmbeddedRule } from '../instances/embedded-rule.ts';
import type { InstanceRegistry } from '../instances/instance-registry.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { LogEvent } from '../log.ts';
import type { ReceiverOptions } from '../options.ts';
import type { PageView, TargetView } from '../pages/page-view.ts';
import type { TargetRegistry } from '../targets/target-registry.ts';

/** Pure functions from data to HTML. */
export interface Pages {
  renderCapturePage(record: CaptureRecord, view: PageView): string;
  renderCapturesPage(records: readonly CaptureRecord[], view: PageView): string;
  renderTargetsPage(targets: readonly TargetView[], view: PageView): string;
  renderErrorPage(problem: ProblemDetails, view: PageView): string;
  readonly pageAssets: ReadonlyMap<string, { readonly contentType: string; readonly body: string }>;
}

export interface AppDependencies {
  readonly options: ReceiverOptions;
  readonly credentials: Credentials;
  readonly store: JobStore;
  readonly targets: TargetRegistry;
  readonly instances: InstanceRegistry;
  readonly admit: AdmitAlert;
  /** Null when the rule is evaluated elsewhere; floor history and live numbers are kept all the same. */
  readonly embeddedRule: EmbeddedRule | null;
  readonly activity: Activity;
  readonly pages: Pages;
  readonly artifactsDirectory: string;
  readonly clock: () => Date;
  readonly logEvent: LogEvent;
  /** Known only after listening, where the port is 0. */
  readonly baseUrl: () => string;
  readonly isDraining: () => boolean;
}
