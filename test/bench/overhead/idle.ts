import { setTimeout as wait } from 'node:timers/promises';
import { countScrape } from './count-series.ts';
import { startOtlpSink, type OtlpSink } from './otlp-sink.ts';
import { readCpuSeconds, readRssBytes } from './read-process.ts';
import { median } from './spread.ts';
import { startApp, stopApp, type App } from './start-app.ts';
import { VARIANT_NAMES, type Variant } from './variants.ts';

export interface IdleReading {
  readonly cpuSecondsPerHour: number;
  readonly rssBytes: number;
  /** The most that one export had. */
  readonly series: number;
  readonly exportCount: number;
}

export type IdleReadings = Readonly<Record<Variant, readonly IdleReading[]>>;

const ROUNDS = 3;
/** Default of register mode; given to all. */
export const INTERVAL_MS = 15_000;
/** The first export loads and compiles; V8 shrinks the heap of a process that has become idle. */
const WARM_UP_MS = 20_000;
/** Three exports. */
const WINDOW_MS = 45_000;
const RSS_EACH_MS = 5000;
const STAGGER_MS = 500;
const SECONDS_PER_HOUR = 3600;

/** All variants idle side by side, round after round: what disturbs the machine disturbs all of them. */
export async function measureIdle(): Promise<IdleReadings> {
  const readings = Object.fromEntries(VARIANT_NAMES.map((name) => [name, []])) as unknown as Record<
    Variant,
    IdleReading[]
  >;
  for (let round = 0; round < ROUNDS; round++) {
    console.error(`idle: round ${round + 1} of ${ROUNDS}`);
    const order = [...VARIANT_NAMES.slice(round), ...VARIANT_NAMES.slice(0, round)];
    for (const [variant, reading] of await measureRound(order)) readings[variant].push(reading);
  }
  return readings;
}

async function measureRound(order: readonly Variant[]): Promise<[Variant, IdleReading][]> {
  const sink = await startOtlpSink();
  const apps: App[] = [];
  try {
    for (const variant of order) {
      apps.push(await startApp(variant, { env: exportTo(sink.endpoint(variant)) }));
      // So that exports do not fall on one moment.
      await wait(STAGGER_MS);
    }
    return await measureWindow(apps, sink);
  } finally {
    await Promise.all(apps.map(stopApp));
    await sink.close();
  }
}

async function measureWindow(apps: readonly App[], sink: OtlpSink): Promise<[Variant, IdleReading][]> {
  const scraper = startScraper(apps);
  await wait(WARM_UP_MS);
  const began = apps.map((app) => ({ ...readCpu(app), exports: readSeries(app, sink, scraper).exportCount }));
  const rss: number[][] = apps.map(() => []);
  for (let passedMs = 0; passedMs < WINDOW_MS; passedMs += RSS_EACH_MS) {
    await wait(RSS_EACH_MS);
    for (const [index, { pid }] of apps.entries()) rss[index]?.push(readRssBytes(pid));
  }
  scraper.stop();
  return apps.map((app, index) => {
    const first = began[index]!;
    const last = readCpu(app);
    const { exportCount, series } = readSeries(app, sink, scraper);
    const cpuSecondsPerHour =
      ((last.cpuSeconds - first.cpuSeconds) / (last.atSeconds - first.atSeconds)) * SECONDS_PER_HOUR;
    assertExported(app, exportCount - first.exports);
    const rssBytes = median(rss[index] ?? []);
    return [app.variant, { cpuSecondsPerHour, rssBytes, series, exportCount: exportCount - first.exports }];
  });
}

const SILENT: readonly Variant[] = ['bare', 'again', 'core'];

/** What does not export is cheap. The window may begin or end beside an export, so one may be missing. */
function assertExported({ variant, stderr }: App, exportCount: number): void {
  if (SILENT.includes(variant) || exportCount >= WINDOW_MS / INTERVAL_MS - 1) return;
  throw new Error(`${variant} exported ${exportCount} times in ${WINDOW_MS} ms: ${stderr().slice(0, 500)}`);
}

function exportTo(endpoint: string): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: String(INTERVAL_MS) };
}

function readCpu({ pid }: App): { cpuSeconds: number; atSeconds: number } {
  return { cpuSeconds: readCpuSeconds(pid), atSeconds: performance.now() / 1000 };
}

interface Scraper {
  readonly taken: { exportCount: number; series: number };
  stop(): void;
}

/** Scrapes prom-client as often as the others export. */
function startScraper(apps: readonly App[]): Scraper {
  const port = apps.find(({ metricsPort }) => metricsPort !== null)?.metricsPort;
  const taken = { exportCount: 0, series: 0 };
  const scrape = async (): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    taken.series = Math.max(taken.series, countScrape(await response.text()));
    taken.exportCount += 1;
  };
  // A scrape that fails is one less in `exportCount`, and that is checked.
  const timer = setInterval(() => void scrape().catch(() => {}), INTERVAL_MS);
  return { taken, stop: () => clearInterval(timer) };
}

function readSeries(app: App, sink: OtlpSink, scraper: Scraper): { exportCount: number; series: number } {
  return app.metricsPort === null ? sink.read(app.variant) : { ...scraper.taken };
}
