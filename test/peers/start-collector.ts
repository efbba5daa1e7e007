import {
  createDataDirectory,
  findFreePort,
  startProcess,
  type PeerLauncher,
  type RunningPeer,
} from './start-peer.ts';

export interface CollectorStart {
  /** Reads its addresses from the variables of deploy/otel-collector/config.yaml. */
  readonly configFile: string;
  readonly prometheusUrl: string;
  /** Default: a free one. */
  readonly otlpPort?: number;
  readonly launch?: PeerLauncher;
}

/** A Collector that hands on to one Prometheus; `url` is where OTLP/HTTP is taken. */
export async function startCollector(options: CollectorStart): Promise<RunningPeer> {
  const { configFile, prometheusUrl, launch = startProcess } = options;
  const otlpAddress = `127.0.0.1:${options.otlpPort ?? (await findFreePort())}`;
  const healthAddress = `127.0.0.1:${await findFreePort()}`;
  return launch({
    name: 'otelcol',
    args: ['--config', configFile],
    env: {
      HEAPFLOOR_COLLECTOR_OTLP_ADDRESS: otlpAddress,
      HEAPFLOOR_COLLECTOR_HEALTH_ADDRESS: healthAddress,
      HEAPFLOOR_PROMETHEUS_OTLP_URL: `${prometheusUrl}/api/v1/otlp`,
    },
    readyUrl: `http://${healthAddress}/`,
    url: `http://${otlpAddress}`,
    dataDirectory: createDataDirectory('otelcol'),
    configFile,
  });
}
