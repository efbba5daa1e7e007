import { diag, type Attributes, type MeterProvider } from '@opentelemetry/api';
import { METER_NAME } from '@heapfloor/contract/metrics';
import { awaitGlobalMeterProvider, readGlobalMeterProvider } from './await-meter-provider.ts';
import { bindCollectors } from './bind-collectors.ts';
import { createBreachFlush } from './breach-flush.ts';
import { createSampler, type Sampler } from './create-sampler.ts';
import { readIsolateAttributes } from './isolate-attributes.ts';
import { claimIsolate } from './isolate-claim.ts';
import { parseInstrumentationOptions, type HeapfloorInstrumentationConfig } from './options.ts';
import { quietly } from './quietly.ts';
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
  readonly #attributes: Attributes;
  #config: HeapfloorInstrumentationConfig;
  #sampler: Sampler;
  /** Ends our claim to this isolate; null while disabled. */
  #release: (() => void) | null = null;
  /** Granted: no other copy watches this isolate. */
  #isWatching = false;
  /** Set by `setMeterProvider`; without it the global one counts, as soon as there is one. */
  #givenProvider: MeterProvider | null = null;
  #boundProvider: FlushableProvider | null = null;
  #unbind: (() => void) | null = null;

  /**
   * @param attributes - of every point; for register mode, whose resources are of one isolate each.
   * @throws InstrumentationOptionsError with every problem at once.
   */
  constructor(config: HeapfloorInstrumentationConfig = {}, attributes: Attributes = readIsolateAttributes()) {
    this.#config = { enabled: true, ...config };
    this.#attributes = attributes;
    this.#sampler = this.#createSampler();
    if (this.#config.enabled === true) this.enable();
  }

  enable(): void {
    this.#release ??= claimIsolate(() => quietly('starting', () => this.#watch()));
  }

  disable(): void {
    const release = this.#release;
    if (release === null) return;
    this.#release = null;
    if (this.#isWatching) quietly('stopping', () => this.#unwatch());
    release();
  }

  setMeterProvider(meterProvider: MeterProvider): void {
    this.#givenProvider = meterProvider;
    if (this.#isWatching) quietly('binding', () => this.#bind());
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
  setConfig(config: HeapfloorInstrumentationConfig = {}): void {
    parseInstrumentationOptions(config);
    const wasEnabled = this.#release !== null;
    this.disable();
    this.#config = { enabled: true, ...config };
    this.#sampler = this.#createSampler();
    if (wasEnabled && this.#config.enabled === true) this.enable();
  }

  #watch(): void {
    this.#isWatching = true;
    this.#sampler.start();
    this.#bind();
  }

  #unwatch(): void {
    this.#isWatching = false;
    this.#leave();
    this.#sampler.stop();
  }

  /** A provider that fails to let go of us must not keep us from stopping. */
  #leave(): void {
    const unbind = this.#unbind;
    this.#unbind = null;
    if (unbind !== null) quietly('leaving a MeterProvider', unbind);
  }

  #createSampler(): Sampler {
    const options = parseInstrumentationOptions(this.#config);
    return createSampler(options, () => {
      if (options.flushOnBreach) this.#requestFlush();
    });
  }

  /** Callbacks move to the provider that counts now; never two at a time. */
  #bind(): void {
    this.#leave();
    const provider = this.#givenProvider ?? readGlobalMeterProvider();
    if (provider === null)
      this.#unbind = awaitGlobalMeterProvider((found) => quietly('binding', () => this.#bindTo(found)));
    else this.#bindTo(provider);
  }

  #bindTo(provider: FlushableProvider): void {
    this.#boundProvider = provider;
    const meter = provider.getMeter(METER_NAME, VERSION);
    this.#unbind = bindCollectors(meter, this.#sampler.collectors, this.#attributes);
  }

  async #flush(): Promise<void> {
    try {
      await this.#boundProvider?.forceFlush?.();
    } catch (error) {
      diag.debug('heapfloor: the flush on a breach failed', error);
    }
  }
}
