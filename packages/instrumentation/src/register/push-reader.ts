import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
// Not the global ones: tests of the app may have replaced them by timers that they move by hand.
import { clearInterval, setInterval } from 'node:timers';
import type { Exporter } from './create-exporter.ts';
import { startDeadline } from './start-deadline.ts';
import { describeExportFailure, ExportError, type ExportFailure } from './export-failure.ts';

export interface PushReaderOptions {
  readonly exporter: Exporter;
  /** Null: only when {@link PushReader.push} is called. */
  readonly intervalMs: number | null;
  /** When an export counts as failed. */
  readonly timeoutMs: number;
  /** Called after each export. */
  readonly onResult: (failure: ExportFailure | null) => void;
}

/** An app that traces its HTTP requests would trace ours (`suppressTracing` of `@opentelemetry/core`). */
const UNTRACED = ROOT_CONTEXT.setValue(
  createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
  true,
);

/** A flush is only useful while the process lives: on a breach, and at its end. */
export const FLUSH_DEADLINE_MS = 2000;

/**
 * Exports at an interval. The SDK's own reader holds a process by its time-outs for as long as a collector hangs (15 s
 * at our interval); nothing here keeps the loop alive.
 */
export class PushReader extends MetricReader {
  readonly #options: PushReaderOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isShutDown = false;

  constructor(options: PushReaderOptions) {
    const { exporter } = options;
    super({
      aggregationSelector: (type) => exporter.selectAggregation(type),
      aggregationTemporalitySelector: (type) => exporter.selectAggregationTemporality(type),
    });
    this.#options = options;
  }

  /** Exports now. One at a time: what is skipped comes with the next one, since totals are cumulative. */
  async push(): Promise<void> {
    if (this.#running === null) await this.#push(this.#options.timeoutMs);
  }

  protected override onInitialized(): void {
    if (this.#options.intervalMs === null) return;
    this.#timer = setInterval(() => void this.push(), this.#options.intervalMs);
    this.#timer.unref();
  }

  protected override async onForceFlush(): Promise<void> {
    // What runs now was collected before; the caller wants what is true now.
    while (this.#running !== null) await this.#running;
    await this.#push(FLUSH_DEADLINE_MS);
  }

  /** Without a last export: who shuts us down has flushed before, or has only old values. */
  protected override async onShutdown(): Promise<void> {
    this.#isShutDown = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    // What is on its way goes out first, and nobody waits for it.
    void (this.#running ?? Promise.resolve()).then(() => this.#options.exporter.abort());
  }

  async #push(deadlineMs: number): Promise<void> {
    if (this.#isShutDown) return;
    this.#running = this.#collectAndExport(deadlineMs).then((failure) => this.#tell(failure));
    await this.#running;
    this.#running = null;
  }

  #tell(failure: ExportFailure | null): void {
    try {
      this.#options.onResult(failure);
    } catch {
      // It writes to a logger of the app; nobody awaits an export, so this would end the app.
    }
  }

  /** @returns why it failed, or null. Never rejects. */
  async #collectAndExport(deadlineMs: number): Promise<ExportFailure | null> {
    try {
      const { resourceMetrics } = await this.collect();
      await this.#export(resourceMetrics, deadlineMs);
      return null;
    } catch (error) {
      return describeExportFailure(error);
    }
  }

  #export(metrics: ResourceMetrics, deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = startDeadline(deadlineMs, () => {
        reject(new ExportError('timeout', `no answer within ${deadlineMs} ms`));
        this.#options.exporter.abort();
      });
      context.with(UNTRACED, () => {
        this.#options.exporter.export(metrics, ({ code, error }) => {
          cancel();
          // 0 is success; the enum is in a package that we do not depend on.
          if ((code as number) === 0) resolve();
          else reject(error ?? new ExportError('other', 'failed without a reason'));
        });
      });
    });
  }
}
