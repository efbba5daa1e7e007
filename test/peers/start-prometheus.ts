import {
  createDataDirectory,
  findFreePort,
  startProcess,
  type PeerLauncher,
  type RunningPeer,
} from './start-peer.ts';

export interface PrometheusStart {
  readonly configFile: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly launch?: PeerLauncher;
}

/** Prometheus with its OTLP receiver, on the loopback. */
export async function startPrometheus(options: PrometheusStart): Promise<RunningPeer> {
  const { configFile, flags = [], launch = startProcess } = options;
  const port = options.port ?? (await findFreePort());
  const url = `http://127.0.0.1:${port}`;
  const dataDirectory = createDataDirectory('prometheus');
  const args = [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${dataDirectory}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-otlp-receiver',
    ...flags,
  ];
  return launch({ name: 'prometheus', args, readyUrl: `${url}/-/ready`, url, dataDirectory, configFile });
}
