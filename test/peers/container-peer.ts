import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { ensurePeerImage } from './peer-image.ts';
import { waitUntilReady, type PeerLauncher, type PeerStart, type ServerName } from './start-peer.ts';

/** A line of the log after which the server listens; the host's network has no mapped port to wait for. */
const READY_LOG: Readonly<Record<ServerName, string>> = {
  prometheus: 'Server is ready to receive web requests',
  alertmanager: 'Listening on',
  otelcol: 'Everything is ready',
};

const START_DEADLINE_MS = 60_000;

/**
 * Starts a server as a container that sees the host's loopback and the same folders under the same names, so that it is
 * started with the very arguments of the process. Needs an engine on this machine.
 */
export const startContainer: PeerLauncher = async (start) => {
  let container: StartedTestContainer | undefined;
  const stop = async (): Promise<void> => {
    const running = container;
    container = undefined;
    await running?.stop();
    rmSync(start.dataDirectory, { recursive: true, force: true });
  };
  try {
    container = await runContainer(start);
    await waitUntilReady(start);
  } catch (error) {
    await stop();
    throw new Error(`${start.name} did not start as a container`, { cause: error });
  }
  return { url: start.url, pid: null, stop };
};

async function runContainer(start: PeerStart): Promise<StartedTestContainer> {
  // A second to load: only where containers are asked for.
  const testcontainers = await import('testcontainers');
  const image = await ensurePeerImage(start.name, testcontainers);
  return (
    new testcontainers.GenericContainer(image)
      .withNetworkMode('host')
      // Ours and not the image's, so that it may write to its folder and we may remove it.
      .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
      .withBindMounts(bindMounts(start))
      .withEnvironment({ ...start.env })
      .withCommand([...start.args])
      .withStartupTimeout(START_DEADLINE_MS)
      .withWaitStrategy(testcontainers.Wait.forLogMessage(READY_LOG[start.name]))
      .start()
  );
}

function bindMounts({
  dataDirectory,
  configFile,
}: PeerStart): { source: string; target: string; mode: 'rw' | 'ro' }[] {
  const configDirectory = dirname(configFile);
  return [
    { source: dataDirectory, target: dataDirectory, mode: 'rw' },
    { source: configDirectory, target: configDirectory, mode: 'ro' },
  ];
}
