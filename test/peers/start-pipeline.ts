import { mkdirSync } from 'node:fs';
import { startContainer } from './container-peer.ts';
import { COLLECTOR_CONFIG_FILE, writeAlertmanagerConfig, writePrometheusConfig } from './pipeline-config.ts';
import { startAlertmanager } from './start-alertmanager.ts';
import { startCollector } from './start-collector.ts';
import { isEngineRunning } from './docker-engine.ts';
import { findPeer } from './find-peer.ts';
import { startProcess, type PeerLauncher, type RunningPeer } from './start-peer.ts';
import { startPrometheus } from './start-prometheus.ts';

/** The servers that a pipeline consists of. */
export const PIPELINE_PEERS = ['otelcol', 'prometheus', 'alertmanager'] as const;

/** A binary before a container, unless HEAPFLOOR_PEERS=docker asks for containers. */
const launch: PeerLauncher = async (start) => {
  const isMissing = 'missing' in findPeer(start.name) && (await isEngineRunning());
  const isContainer = process.env['HEAPFLOOR_PEERS'] === 'docker' || isMissing;
  return isContainer ? startContainer(start) : startProcess(start);
};

export interface PipelineStart {
  /** Full URL that Alertmanager posts to. */
  readonly webhookUrl: string;
  readonly bearerToken: string;
  /** Export interval of the app; rules are evaluated and groups sent as often. */
  readonly intervalSeconds: number;
  /** For the changed configurations; the caller's own, and the caller removes it. */
  readonly workDirectory: string;
}

export interface Pipeline {
  /** Base URL of the Collector; `/v1/metrics` is appended by exporters. */
  readonly otlpHttpUrl: string;
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  stop(): Promise<void>;
}

/**
 * Collector → Prometheus → Alertmanager → webhook with the configurations of `deploy/`: as processes, or as containers
 * where a binary is missing and an engine answers, or HEAPFLOOR_PEERS=docker. When one does not start, those before it are stopped.
 */
export async function startPipeline(options: PipelineStart): Promise<Pipeline> {
  const { intervalSeconds, workDirectory } = options;
  mkdirSync(workDirectory, { recursive: true });
  const running: RunningPeer[] = [];
  const stop = async (): Promise<void> => {
    // The sender before its recipient, so that none retries against a closed port.
    const failures: unknown[] = [];
    for (const peer of running.toReversed())
      await peer.stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'not every peer could be stopped');
  };
  try {
    const alertmanager = await startAlertmanager({
      configFile: writeAlertmanagerConfig(workDirectory, options),
      launch,
    });
    running.push(alertmanager);
    const prometheus = await startPrometheus({
      configFile: writePrometheusConfig(workDirectory, {
        intervalSeconds,
        alertmanagerUrl: alertmanager.url,
      }),
      flags: [`--rules.alert.resend-delay=${intervalSeconds}s`, '--rules.alert.for-grace-period=0s'],
      launch,
    });
    running.push(prometheus);
    const collector = await startCollector({
      configFile: COLLECTOR_CONFIG_FILE,
      prometheusUrl: prometheus.url,
      launch,
    });
    running.push(collector);
    return {
      otlpHttpUrl: collector.url,
      prometheusUrl: prometheus.url,
      alertmanagerUrl: alertmanager.url,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
