import {
  createDataDirectory,
  findFreePort,
  startProcess,
  type PeerLauncher,
  type RunningPeer,
} from './start-peer.ts';

export interface AlertmanagerStart {
  readonly configFile: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly flags?: readonly string[];
  readonly launch?: PeerLauncher;
}

/** One Alertmanager without a cluster, on the loopback. */
export async function startAlertmanager(options: AlertmanagerStart): Promise<RunningPeer> {
  const { configFile, flags = [], launch = startProcess } = options;
  const port = options.port ?? (await findFreePort());
  const url = `http://127.0.0.1:${port}`;
  const dataDirectory = createDataDirectory('alertmanager');
  const args = [
    `--config.file=${configFile}`,
    `--storage.path=${dataDirectory}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    // Empty: no gossip, which would listen on every address.
    '--cluster.listen-address=',
    ...flags,
  ];
  return launch({ name: 'alertmanager', args, readyUrl: `${url}/-/ready`, url, dataDirectory, configFile });
}
