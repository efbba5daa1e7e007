import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface DockerEngine {
  readonly how: string;
  /** What a child needs in its environment to use it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 30_000;
const READY_POLL_MS = 100;
const OUTPUT_TAIL_CHARS = 2_000;

/** The engine that runs, or one of our own for the time of a test run. */
export async function startDockerEngine(): Promise<DockerEngine | { readonly missing: string }> {
  if (await isEngineRunning()) return { how: 'running engine', env: {}, stop: async () => {} };
  const dockerd = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'dockerd'))
    .find(existsSync);
  if (dockerd === undefined)
    return { missing: 'no Docker engine answers and there is no dockerd on the PATH' };
  if (process.getuid?.() !== 0)
    return { missing: 'no Docker engine answers and only root can start dockerd' };
  return startOwnEngine(dockerd);
}

/** Does an engine answer where testcontainers looks for one? */
export async function isEngineRunning(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    // Its message lists every place that it looked at; for us it is one answer.
    return false;
  }
}

async function startOwnEngine(dockerd: string): Promise<DockerEngine | { readonly missing: string }> {
  // Short: a socket's path has at most 107 characters.
  const directory = mkdtempSync(join(tmpdir(), 'hf-docker-'));
  const socket = join(directory, 'docker.sock');
  const child = spawn(dockerd, engineArgs(directory, socket), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream
      .setEncoding('utf8')
      .on('data', (chunk: string) => (output = (output + chunk).slice(-OUTPUT_TAIL_CHARS)));
  }
  child.once('error', (error) => (output += String(error)));
  const stop = async (): Promise<void> => {
    await endEngine(child);
    unmountBelow(directory);
    rmSync(directory, { recursive: true, force: true });
  };
  const deadlineMs = performance.now() + READY_DEADLINE_MS;
  while (!(await answersPing(socket))) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() > deadlineMs) {
      await stop();
      return { missing: `${dockerd} did not start: ${lastLines(output)}` };
    }
    await delay(READY_POLL_MS);
  }
  const env = {
    DOCKER_HOST: `unix://${socket}`,
    // Without a bridge there is no gateway to ask for; containers use the host's network.
    TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
    // It is an image of its own that would have to be pulled; what it cleans up ends with the engine.
    TESTCONTAINERS_RYUK_DISABLED: 'true',
  };
  return { how: `${dockerd} started for this run`, env, stop };
}

/** Everything in one folder, and nothing of the host's network touched. */
function engineArgs(directory: string, socket: string): string[] {
  return [
    `--data-root=${join(directory, 'data')}`,
    `--exec-root=${join(directory, 'exec')}`,
    `--pidfile=${join(directory, 'docker.pid')}`,
    `--host=unix://${socket}`,
    '--bridge=none',
    '--iptables=false',
    '--ip-forward=false',
  ];
}

async function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.once('error', () => resolve(false));
    ping.once('timeout', () => ping.destroy());
    ping.end();
  });
}

/** Its containerd ends with it. */
async function endEngine(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(timer);
}

/** dockerd leaves its network namespace mounted; the folder cannot be removed before. */
function unmountBelow(directory: string): void {
  const mountPoints = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${directory}/`));
  // The deepest first.
  for (const path of mountPoints.toSorted((a, b) => b.length - a.length)) spawnSync('umount', [path]);
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-3).join(' | ');
}
