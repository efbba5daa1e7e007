import { fileURLToPath } from 'node:url';

/** Servers and tools of upstream that the tests talk to. */
export const PEER_NAMES = ['prometheus', 'promtool', 'alertmanager', 'amtool', 'otelcol'] as const;

export type PeerName = (typeof PEER_NAMES)[number];

/** The Go that the newest of the modules asks for. */
export const GO_MINIMUM = '1.26.7';

/** The Collector's components, for its own builder (ocb). */
export const COLLECTOR_BUILDER_CONFIG = fileURLToPath(new URL('collector-builder.yaml', import.meta.url));

export interface GoRecipe {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly tags: string;
  /** Variable of `--version`, which upstream's release build sets too. */
  readonly versionVariable?: string;
}

const COMMON_VERSION = 'github.com/prometheus/common/version.Version';

/** Module version 0.316.0 is release 3.16.0. */
const PROMETHEUS_VERSION = 'v0.316.0';
/** The last release whose module holds its web page; later ones do not compile from the module alone. */
const ALERTMANAGER_VERSION = 'v0.31.1';
const COLLECTOR_VERSION = 'v0.155.0';

/** The tag is upstream's own: without it the service discoveries of every cloud are compiled in. */
const prometheus = { version: PROMETHEUS_VERSION, tags: 'remove_all_sd', versionVariable: COMMON_VERSION };
const alertmanager = { version: ALERTMANAGER_VERSION, tags: '', versionVariable: COMMON_VERSION };

export const GO_RECIPES: Readonly<Record<Exclude<PeerName, 'otelcol'>, GoRecipe>> = {
  prometheus: {
    ...prometheus,
    name: 'prometheus',
    package: 'github.com/prometheus/prometheus/cmd/prometheus',
  },
  promtool: { ...prometheus, name: 'promtool', package: 'github.com/prometheus/prometheus/cmd/promtool' },
  alertmanager: {
    ...alertmanager,
    name: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
  },
  amtool: { ...alertmanager, name: 'amtool', package: 'github.com/prometheus/alertmanager/cmd/amtool' },
};

export const COLLECTOR_BUILDER: GoRecipe = {
  name: 'ocb',
  package: 'go.opentelemetry.io/collector/cmd/builder',
  version: COLLECTOR_VERSION,
  tags: '',
};

/** Upstream's images of the same releases; the tools are not run in containers. */
export const PEER_IMAGES: Readonly<Record<'prometheus' | 'alertmanager' | 'otelcol', string>> = {
  prometheus: `prom/prometheus:v${shownVersion(prometheus.version)}`,
  alertmanager: `prom/alertmanager:${ALERTMANAGER_VERSION}`,
  otelcol: `otel/opentelemetry-collector:${COLLECTOR_VERSION.slice(1)}`,
};

/** What `--version` says: Prometheus numbers its module 0.3xx.y and its release 3.xx.y. */
export function shownVersion(moduleVersion: string): string {
  return moduleVersion.replace(/^v0\.3(\d\d)\./, '3.$1.').replace(/^v/, '');
}
