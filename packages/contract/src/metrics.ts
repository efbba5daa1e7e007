/**
 * Names of every metric and attribute, with unit and meaning. Semantic-convention names follow
 * `open-telemetry/semantic-conventions` v1.44.0 (`model/nodejs`, `model/v8js`, `model/process`); all others are
 * in the namespace `heapfloor.`, as the conventions ask of names that are not theirs.
 */

/** Scope name of the instrumentation's meter. */
export const METER_NAME = '@heapfloor/instrumentation';

export const ATTR_V8JS_GC_TYPE = 'v8js.gc.type';
export const ATTR_V8JS_HEAP_SPACE_NAME = 'v8js.heap.space.name';
export const ATTR_V8JS_RESOURCE_TYPE = 'v8js.resource.type';
export const ATTR_NODEJS_EVENTLOOP_STATE = 'nodejs.eventloop.state';
/** Where the old-space limit was read: flag, percentage, heap_flag, worker_resource_limits, default, derived. */
export const ATTR_LIMIT_SOURCE = 'heapfloor.limit.source';
/** Which ratio a streak counts against: `warning` (0.75) or `critical` (0.90). */
export const ATTR_BREACH_LEVEL = 'heapfloor.breach.level';
/** Why a floor reading was not used: `lag` (callback too late) or `batch` (not the last major of its batch). */
export const ATTR_DISCARD_REASON = 'heapfloor.discard.reason';
/** `native` or `detached`, as V8 counts contexts. */
export const ATTR_CONTEXT_STATE = 'heapfloor.context.state';
/** How a capture ended: `succeeded`, `failed` or `refused`. */
export const ATTR_CAPTURE_OUTCOME = 'heapfloor.capture.outcome';
/**
 * Which isolate a point is of, where one resource has several: `worker-2`, `cluster-3`. Absent for the main thread, and
 * where each isolate has a `service.instance.id` of its own.
 */
export const ATTR_ISOLATE = 'heapfloor.isolate';
export const ATTR_CPU_MODE = 'cpu.mode';
export const ATTR_ERROR_TYPE = 'error.type';

export const METRIC_HEAP_FLOOR = 'heapfloor.heap.old.used_after_last_gc';
export const METRIC_HEAP_OLD_LIMIT = 'heapfloor.heap.old.limit';
export const METRIC_HEAP_LIMIT = 'heapfloor.heap.limit';
export const METRIC_HEAP_USED = 'heapfloor.heap.used';
export const METRIC_HEAP_TOTAL = 'heapfloor.heap.total';
export const METRIC_FLOOR_UTILIZATION = 'heapfloor.heap.floor.utilization';
export const METRIC_FLOOR_BREACH_STREAK = 'heapfloor.heap.floor.breach.streak';
export const METRIC_FLOOR_BREACH_DURATION = 'heapfloor.heap.floor.breach.duration';
export const METRIC_FLOOR_THRESHOLD = 'heapfloor.heap.floor.threshold';
export const METRIC_FLOOR_SAMPLE_DISCARDED = 'heapfloor.heap.floor.sample.discarded';
export const METRIC_GC_LAST_MAJOR_AGE = 'heapfloor.gc.last_major.age';
export const METRIC_GC_COUNT = 'heapfloor.gc.count';
export const METRIC_GC_PAUSE_TIME = 'heapfloor.gc.pause.time';
export const METRIC_MEMORY_EXTERNAL = 'heapfloor.memory.external';
export const METRIC_MEMORY_ARRAY_BUFFERS = 'heapfloor.memory.array_buffers';
export const METRIC_MEMORY_MALLOCED = 'heapfloor.memory.malloced';
export const METRIC_MEMORY_CGROUP_LIMIT = 'heapfloor.memory.cgroup.limit';
export const METRIC_MEMORY_CGROUP_AVAILABLE = 'heapfloor.memory.cgroup.available';
export const METRIC_HEAP_ALLOCATED = 'heapfloor.heap.allocated';
export const METRIC_HEAP_CONTEXT_COUNT = 'heapfloor.heap.context.count';
export const METRIC_RESOURCE_TOTAL = 'heapfloor.resource.total';
export const METRIC_EVENTLOOP_BLOCKED_TIME = 'heapfloor.eventloop.blocked.time';
export const METRIC_FLOOR_GROWTH = 'heapfloor.heap.floor.growth';
export const METRIC_EVENTLOOP_LAG = 'heapfloor.eventloop.lag';
export const METRIC_EXPORT_FAILURE = 'heapfloor.export.failure';
export const METRIC_CAPTURE_STATE = 'heapfloor.capture.state';
export const METRIC_CAPTURE_COUNT = 'heapfloor.capture.count';
export const METRIC_CAPTURE_DURATION = 'heapfloor.capture.duration';

export const METRIC_PROCESS_MEMORY_USAGE = 'process.memory.usage';
export const METRIC_PROCESS_UPTIME = 'process.uptime';
export const METRIC_PROCESS_CPU_TIME = 'process.cpu.time';
export const METRIC_PROCESS_FILE_DESCRIPTOR_COUNT = 'process.unix.file_descriptor.count';
export const METRIC_V8JS_GC_DURATION = 'v8js.gc.duration';
export const METRIC_V8JS_MEMORY_HEAP_USED = 'v8js.memory.heap.used';
export const METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE = 'v8js.memory.heap.space.size';
export const METRIC_V8JS_RESOURCE_ACTIVE = 'v8js.resource.active';
export const METRIC_NODEJS_EVENTLOOP_UTILIZATION = 'nodejs.eventloop.utilization';
export const METRIC_NODEJS_EVENTLOOP_TIME = 'nodejs.eventloop.time';
export const METRIC_NODEJS_EVENTLOOP_DELAY_MIN = 'nodejs.eventloop.delay.min';
export const METRIC_NODEJS_EVENTLOOP_DELAY_MAX = 'nodejs.eventloop.delay.max';
export const METRIC_NODEJS_EVENTLOOP_DELAY_P50 = 'nodejs.eventloop.delay.p50';
export const METRIC_NODEJS_EVENTLOOP_DELAY_P99 = 'nodejs.eventloop.delay.p99';

export type InstrumentKind = 'gauge' | 'counter' | 'updowncounter' | 'histogram';

/**
 * When a metric is exported. `always`: in every mode. `control`: while `@heapfloor/control` runs in the process.
 * `register`: in register mode. A semantic-convention family (`process`, `eventloop`, `resources`): in register mode, or
 * by the option `semconv`. A detail (`growth` …): only when asked for, because it has many series or few readers.
 */
export type MetricSet = 'always' | 'control' | 'register' | SemconvFamily | MetricDetail;

/** Families of semantic-convention metrics that other packages may export too. */
export const SEMCONV_FAMILIES = ['process', 'eventloop', 'resources'] as const;
export type SemconvFamily = (typeof SEMCONV_FAMILIES)[number];

export const METRIC_DETAILS = [
  'growth',
  'heap-spaces',
  'heap-spaces-all',
  'gc',
  'eventloop-all',
  'lag',
] as const;
export type MetricDetail = (typeof METRIC_DETAILS)[number];

/** One metric: what it is called, measured in, and means. The README table and the code read the same object. */
export interface MetricDeclaration {
  readonly name: string;
  readonly instrument: InstrumentKind;
  /** UCUM unit as OTLP carries it: `By`, `s`, `1`, or an annotation such as `{gc}`. */
  readonly unit: string;
  readonly attributes: readonly string[];
  readonly description: string;
  readonly set: MetricSet | readonly MetricSet[];
  /** Where the value comes from. */
  readonly measured: string;
  /** What a value costs, in CPU time, as measured on Node 22 to 26. */
  readonly cost: string;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly boundaries?: readonly number[];
}

type Details = Pick<MetricDeclaration, 'description' | 'measured' | 'cost'> &
  Partial<Pick<MetricDeclaration, 'attributes' | 'set' | 'boundaries'>>;

function metric(name: string, instrument: InstrumentKind, unit: string, details: Details): MetricDeclaration {
  return { name, instrument, unit, attributes: [], set: 'always', ...details };
}

/** In the product's own namespace. */
export const OWN_METRICS: readonly MetricDeclaration[] = [
  metric(METRIC_HEAP_FLOOR, 'updowncounter', 'By', {
    description: 'The floor: heap in use right after the last major GC.',
    measured: 'GCProfiler.afterGC, else the gc observer within 2 ms',
    cost: '0.1 ms per major GC',
  }),
  metric(METRIC_HEAP_OLD_LIMIT, 'updowncounter', 'By', {
    attributes: [ATTR_LIMIT_SOURCE],
    description: 'True old-space limit (--max-old-space-size).',
    measured: 'flags, memory and heap_size_limit, once at start',
    cost: 'none',
  }),
  metric(METRIC_HEAP_LIMIT, 'updowncounter', 'By', {
    description: 'heap_size_limit of V8: old limit plus three semi-spaces.',
    measured: 'v8.getHeapStatistics()',
    cost: '0.3 µs',
  }),
  metric(METRIC_HEAP_USED, 'updowncounter', 'By', {
    description: 'Heap in use now, garbage included.',
    measured: 'v8.getHeapStatistics()',
    cost: 'same call',
  }),
  metric(METRIC_HEAP_TOTAL, 'updowncounter', 'By', {
    description: 'Heap reserved by V8 now.',
    measured: 'v8.getHeapStatistics()',
    cost: 'same call',
  }),
  metric(METRIC_FLOOR_UTILIZATION, 'gauge', '1', {
    description: 'Floor divided by the old-space limit.',
    measured: 'floor / limit',
    cost: 'none',
  }),
  metric(METRIC_FLOOR_BREACH_STREAK, 'gauge', '{gc}', {
    attributes: [ATTR_BREACH_LEVEL],
    description: 'Consecutive distinct major GCs with the floor above the level.',
    measured: 'counted at each major GC',
    cost: 'none',
  }),
  metric(METRIC_FLOOR_BREACH_DURATION, 'gauge', 's', {
    description: 'From the first to the last major GC of the streak.',
    measured: 'counted at each major GC',
    cost: 'none',
  }),
  metric(METRIC_FLOOR_THRESHOLD, 'gauge', '1', {
    description: 'The ratio above which a floor is a breach.',
    measured: 'constant',
    cost: 'none',
  }),
  metric(METRIC_FLOOR_SAMPLE_DISCARDED, 'counter', '{sample}', {
    attributes: [ATTR_DISCARD_REASON],
    description: 'Major GCs that gave no floor reading.',
    measured: 'counted at each major GC',
    cost: 'none',
  }),
  metric(METRIC_GC_LAST_MAJOR_AGE, 'gauge', 's', {
    description: 'Time since the last major GC: the freshness of the floor.',
    measured: 'now - end of the last major GC',
    cost: 'none',
  }),
  metric(METRIC_GC_COUNT, 'counter', '{gc}', {
    attributes: [ATTR_V8JS_GC_TYPE],
    description: 'Garbage collections, major and minor.',
    measured: 'gc observer, all entries of each batch',
    cost: 'µs per GC',
  }),
  metric(METRIC_GC_PAUSE_TIME, 'counter', 's', {
    attributes: [ATTR_V8JS_GC_TYPE],
    description: 'Time spent in garbage collection.',
    measured: 'gc observer, all entries of each batch',
    cost: 'same loop',
  }),
  metric(METRIC_MEMORY_EXTERNAL, 'updowncounter', 'By', {
    description: 'Memory of C++ objects bound to JavaScript objects.',
    measured: 'process.memoryUsage()',
    cost: '8 µs',
  }),
  metric(METRIC_MEMORY_ARRAY_BUFFERS, 'updowncounter', 'By', {
    description: 'Memory of ArrayBuffers, Buffers included.',
    measured: 'process.memoryUsage()',
    cost: 'same call',
  }),
  metric(METRIC_MEMORY_MALLOCED, 'updowncounter', 'By', {
    description: 'Memory that V8 itself has from malloc.',
    measured: 'v8.getHeapStatistics()',
    cost: 'same call',
  }),
  metric(METRIC_MEMORY_CGROUP_LIMIT, 'updowncounter', 'By', {
    description: 'Memory limit of the container; absent without one.',
    measured: 'process.constrainedMemory()',
    cost: '12 to 22 µs per window',
  }),
  metric(METRIC_MEMORY_CGROUP_AVAILABLE, 'updowncounter', 'By', {
    description: 'Memory of the container that is still free; absent without a limit.',
    measured: 'process.availableMemory()',
    cost: '24 to 40 µs',
  }),
  metric(METRIC_HEAP_ALLOCATED, 'counter', 'By', {
    description: 'Bytes allocated on the heap since the start; Node.js 26 and newer.',
    measured: 'v8.getHeapStatistics().total_allocated_bytes',
    cost: 'same call',
  }),
  metric(METRIC_HEAP_CONTEXT_COUNT, 'updowncounter', '{context}', {
    attributes: [ATTR_CONTEXT_STATE],
    description: 'Native contexts, and those detached but not yet collected.',
    measured: 'v8.getHeapStatistics()',
    cost: 'same call',
  }),
  metric(METRIC_RESOURCE_TOTAL, 'gauge', '{resource}', {
    description: 'Resources that keep the event loop alive, all types.',
    measured: 'process.getActiveResourcesInfo() on an own timer, back-off above 5 ms',
    cost: '0.3 to 2 ms per 20,000, once per window',
  }),
  metric(METRIC_EVENTLOOP_BLOCKED_TIME, 'counter', 's', {
    description: 'Time by which the event loop was later than 50 ms, summed.',
    measured: 'tail of the delay histogram, per turn of the loop',
    cost: '0.4 µs without a block, else 4 to 33 µs per block, at most 1.7 ms',
  }),
  metric(METRIC_CAPTURE_STATE, 'gauge', '{capture}', {
    set: 'control',
    description: 'Captures that run now.',
    measured: 'told by control',
    cost: 'none',
  }),
  metric(METRIC_CAPTURE_COUNT, 'counter', '{capture}', {
    set: 'control',
    attributes: [ATTR_CAPTURE_OUTCOME],
    description: 'Captures asked for, by how they ended.',
    measured: 'told by control',
    cost: 'none',
  }),
  metric(METRIC_CAPTURE_DURATION, 'histogram', 's', {
    set: 'control',
    description: 'Time from the start of a capture to its end.',
    measured: 'told by control',
    cost: 'none',
    boundaries: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  }),
  metric(METRIC_EXPORT_FAILURE, 'counter', '{export}', {
    set: 'register',
    attributes: [ATTR_ERROR_TYPE],
    description: 'Exports that failed; seen once one succeeds again.',
    measured: 'result of each export',
    cost: 'none',
  }),
  metric(METRIC_FLOOR_GROWTH, 'gauge', 'By/s', {
    set: 'growth',
    description: 'Growth of the floor: median slope over the last 16 floors.',
    measured: 'Theil-Sen over the floors',
    cost: 'µs',
  }),
  metric(METRIC_EVENTLOOP_LAG, 'histogram', 's', {
    set: 'lag',
    description: 'Event-loop delay, mergeable over instances.',
    measured: 'own timer of 500 ms',
    cost: '1 to 2 CPU s per hour',
    boundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  }),
];

/** Of the semantic conventions: other packages may export them too, and equal names are one series in Prometheus. */
export const SEMCONV_METRICS: readonly MetricDeclaration[] = [
  metric(METRIC_PROCESS_MEMORY_USAGE, 'updowncounter', 'By', {
    set: 'process',
    description: 'Resident set size of the process.',
    measured: 'process.memoryUsage()',
    cost: 'that of heapfloor.memory.external',
  }),
  metric(METRIC_PROCESS_UPTIME, 'gauge', 's', {
    set: 'process',
    description: 'Time since the process started.',
    measured: 'process.uptime()',
    cost: '1 µs with the next',
  }),
  metric(METRIC_PROCESS_CPU_TIME, 'counter', 's', {
    set: 'process',
    attributes: [ATTR_CPU_MODE],
    description: 'CPU time of the process.',
    measured: 'process.cpuUsage()',
    cost: 'same',
  }),
  metric(METRIC_PROCESS_FILE_DESCRIPTOR_COUNT, 'updowncounter', '{file_descriptor}', {
    set: 'process',
    description: 'Open file descriptors; absent where /proc cannot be read.',
    measured: 'size or entries of /proc/self/fd',
    cost: '3 µs per window; before Linux 6.2 up to 1 µs per descriptor',
  }),
  metric(METRIC_V8JS_RESOURCE_ACTIVE, 'gauge', '{resource}', {
    set: 'resources',
    attributes: [ATTR_V8JS_RESOURCE_TYPE],
    description: 'Resources that keep the event loop alive.',
    measured: 'as heapfloor.resource.total',
    cost: 'same call',
  }),
  metric(METRIC_NODEJS_EVENTLOOP_UTILIZATION, 'gauge', '1', {
    set: 'eventloop',
    description: 'Share of time the event loop was busy, over the last one to two windows.',
    measured: 'performance.eventLoopUtilization()',
    cost: '1 µs',
  }),
  metric(METRIC_NODEJS_EVENTLOOP_DELAY_MAX, 'gauge', 's', {
    set: 'eventloop',
    description: 'Largest event-loop delay of the last one to two windows.',
    measured: 'monitorEventLoopDelay({ samplePerIteration }), else an unref’d immediate per turn',
    cost: '1 µs',
  }),
  metric(METRIC_NODEJS_EVENTLOOP_DELAY_P50, 'gauge', 's', {
    set: 'eventloop',
    description: 'Median event-loop delay of the last one to two windows.',
    measured: 'monitorEventLoopDelay({ samplePerIteration }), else an unref’d immediate per turn',
    cost: '5 to 30 µs per window',
  }),
  metric(METRIC_NODEJS_EVENTLOOP_DELAY_P99, 'gauge', 's', {
    set: 'eventloop',
    description: '99th percentile of the event-loop delay of the last one to two windows.',
    measured: 'monitorEventLoopDelay({ samplePerIteration }), else an unref’d immediate per turn',
    cost: '5 to 30 µs per window',
  }),
  metric(METRIC_NODEJS_EVENTLOOP_DELAY_MIN, 'gauge', 's', {
    set: 'eventloop-all',
    description: 'Smallest event-loop delay of the last one to two windows.',
    measured: 'monitorEventLoopDelay({ samplePerIteration }), else an unref’d immediate per turn',
    cost: '1 µs',
  }),
  metric(METRIC_NODEJS_EVENTLOOP_TIME, 'counter', 's', {
    set: 'eventloop-all',
    attributes: [ATTR_NODEJS_EVENTLOOP_STATE],
    description: 'Time the event loop was active or idle.',
    measured: 'performance.eventLoopUtilization()',
    cost: '1 µs',
  }),
  metric(METRIC_V8JS_GC_DURATION, 'histogram', 's', {
    set: 'gc',
    attributes: [ATTR_V8JS_GC_TYPE],
    description: 'Duration of garbage collections.',
    measured: 'gc observer, all entries of each batch',
    cost: 'µs per GC',
    boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  }),
  metric(METRIC_V8JS_MEMORY_HEAP_USED, 'updowncounter', 'By', {
    set: ['heap-spaces', 'heap-spaces-all'],
    attributes: [ATTR_V8JS_HEAP_SPACE_NAME],
    description: 'Heap in use by space.',
    measured: 'v8.getHeapSpaceStatistics()',
    cost: '3 to 4 µs',
  }),
  metric(METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE, 'updowncounter', 'By', {
    set: ['heap-spaces', 'heap-spaces-all'],
    attributes: [ATTR_V8JS_HEAP_SPACE_NAME],
    description: 'Heap reserved by space.',
    measured: 'v8.getHeapSpaceStatistics()',
    cost: 'same call',
  }),
];

export const ALL_METRICS: readonly MetricDeclaration[] = [...OWN_METRICS, ...SEMCONV_METRICS];
