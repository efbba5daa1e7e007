import { diag, type MeterProvider } from '@opentelemetry/api';
import { METER_NAME } from '@heapfloor/contract/metrics';
import { awaitGlobalMeterProvider, readGlobalMeterProvider } from './await-meter-provider.ts';
import { bindCollectors } from './bind-collectors.ts';
import { createBreachFlush } from './breach-flush.ts';
import { createSampler, type Sampler } from './create-sampler.ts';
import { parseInstrumentationOptions, type HeapfloorInstrumentationConfig } from './options.ts';
import { VERSION } from './version.ts';

/** The API knows no flush; the SDK's provider has one. */
type FlushableProvider = MeterProvider & { forceFlush?: () => Promise<void> };

/**
 * OpenTelemetry's `Instrumentation`, implemented by its shape: a dependency on `@opentelemetry/instrumentation`
 * (0.x, so a caret holds one minor only) would bring second copies of it and of its module hooks.
 */
export class HeapfloorInstrumentation {
  readonly instrumentationName = METER_NAME;
  readonly instrumentationVersion = VERSION;
  readonly #requestFlush = createBreachFlush(() => this.#flush());
  #config: HeapfloorInstrumentationConfig;
  #sampler: Sampler;
  #isEnabled = false;
  /** Set by `setMeterProvider`; without it the global one counts, as soon as there is one. */
  #givenProvider: MeterProvider | null = null;
  #boundProvider: FlushableProvider | null = null;
  #unbind: (() => void) | null = null;

  /** @throws InstrumentationOptionsError with every problem at once. */
  constructor(config: HeapfloorInstrumentationConfig = {}) {
    this.#config = { enabled: true, ...config };
    this.#sampler = this.#createSampler();
    if (this.#config.enabled === true) this.enable();
  }

  enable(): void {
    if (this.#isEnabled) return;
    this.#isEnabled = true;
    this.#sampler.start();
    this.#bind();
  }

  disable(): void {
    if (!this.#isEnabled) return;
    this.#isEnabled = false;
    this.#unbind?.();
    this.#unbind = null;
    this.#sampler.stop();
  }

  setMeterProvider(meterProvider: MeterProvider): void {
    this.#givenProvider = meterProvider;
    if (this.#isEnabled) this.#bind();
  }

  /** There are no spans; part of the interface. */
  setTracerProvider(_tracerProvider: unknown): void {}

  getConfig(): HeapfloorInstrumentationConfig {
    return this.#config;
  }

  /**
   * Starts afresh with other options; totals begin at zero again.
   * @throws InstrumentationOptionsError with every problem at once; the old options stay.
   */
  setConfig(config: HeapfloorInstrumentationConfig): void {
    parseInstrumentationOptions(config);
    const wasEnabled = this.#isEnabled;
    this.disable();
    this.#config = { enabled: true, ...config };
    this.#sampler = this.#createSampler();
    if (wasEnabled) this.enable();
  }

  #createSampler(): Sampler {
    const options = parseInstrumentationOptions(this.#config);
    return createSampler(options, () => {
      if (options.flushOnBreach) this.#requestFlush();
    });
  }

  /** Callbacks move to the provider that counts now; never two at a time. */
  #bind(): void {
    this.#unbind?.();
    const provider = this.#givenProvider ?? readGlobalMeterProvider();
    if (provider === null) this.#unbind = awaitGlobalMeterProvider((found) => this.#bindTo(found));
    else this.#bindTo(provider);
  }

  #bindTo(provider: FlushableProvider): void {
    this.#boundProvider = provider;
    this.#unbind = bindCollectors(provider.getMeter(METER_NAME, VERSION), this.#sampler.collectors);
  }

  async #flush(): Promise<void> {
    try {
      await this.#boundProvider?.forceFlush?.();
    } catch (error) {
      diag.debug('heapfloor: the flush on a breach failed', error);
    }
  }
}
