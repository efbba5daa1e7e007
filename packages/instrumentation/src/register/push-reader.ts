import { MetricReader, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

type Exporter = PushMetricExporter &
  Required<Pick<PushMetricExporter, 'selectAggregation' | 'selectAggregationTemporality'>>;

export interface PushReaderOptions {
  readonly exporter: Exporter;
  readonly intervalMs: number;
  /** When an export counts as failed. */
  readonly timeoutMs: number;
  /** Called once, for the first export that failed. */
  readonly onFirstFailure: (reason: string) => void;
}

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
  #hasFailed = false;
  #isFailing = false;

  constructor(options: PushReaderOptions) {
    const { exporter } = options;
    super({
      aggregationSelector: (type) => exporter.selectAggregation(type),
      aggregationTemporalitySelector: (type) => exporter.selectAggregationTemporality(type),
    });
    this.#options = options;
  }

  /** The last export failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  protected override onInitialized(): void {
    this.#timer = setInterval(() => {
      // One at a time: what is skipped comes with the next one, since totals are cumulative.
      if (this.#running === null) void this.#push(this.#options.timeoutMs);
    }, this.#options.intervalMs);
    this.#timer.unref();
  }

  protected override async onForceFlush(): Promise<void> {
    // What runs now was collected before; the caller wants what is true now.
    while (this.#running !== null) await this.#running;
    await this.#push(FLUSH_DEADLINE_MS);
  }

  protected override async onShutdown(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.onForceFlush();
    await this.#options.exporter.shutdown();
  }

  async #push(deadlineMs: number): Promise<void> {
    this.#running = this.#collectAndExport(deadlineMs).then((reason) => this.#onResult(reason));
    await this.#running;
    this.#running = null;
  }

  /** @returns why it failed, or null. Never rejects. */
  async #collectAndExport(deadlineMs: number): Promise<string | null> {
    try {
      const { resourceMetrics } = await this.collect();
      return await this.#export(resourceMetrics, deadlineMs);
    } catch (error) {
      return describe(error);
    }
  }

  #export(metrics: ResourceMetrics, deadlineMs: number): Promise<string | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(`no answer within ${deadlineMs} ms`), deadlineMs);
      timer.unref();
      this.#options.exporter.export(metrics, ({ error }) => {
        clearTimeout(timer);
        resolve(error === undefined ? null : describe(error));
      });
    });
  }

  #onResult(reason: string | null): void {
    this.#isFailing = reason !== null;
    if (reason === null || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFirstFailure(reason);
  }
}

/** `localhost` fails with one error per address and an empty message of its own; its code says it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error);
  const { code } = error as Error & { code?: string | number };
  const text = error.message === '' ? String(code ?? error.name) : error.message;
  return typeof code === 'number' ? `HTTP ${code} ${text}` : text;
}
