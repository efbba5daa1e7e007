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

export const METRIC_PROCESS_MEMORY_USAGE = 'process.memory.usage';
export const METRIC_V8JS_RESOURCE_ACTIVE = 'v8js.resource.active';
export const METRIC_NODEJS_EVENTLOOP_UTILIZATION = 'nodejs.eventloop.utilization';
export const METRIC_NODEJS_EVENTLOOP_TIME = 'nodejs.eventloop.time';
export const METRIC_NODEJS_EVENTLOOP_DELAY_MIN = 'nodejs.eventloop.delay.min';
export const METRIC_NODEJS_EVENTLOOP_DELAY_MAX = 'nodejs.eventloop.delay.max';
export const METRIC_NODEJS_EVENTLOOP_DELAY_P50 = 'nodejs.eventloop.delay.p50';
export const METRIC_NODEJS_EVENTLOOP_DELAY_P99 = 'nodejs.eventloop.delay.p99';

export type InstrumentKind = 'gauge' | 'counter' | 'updowncounter' | 'histogram';

/** One metric: what it is called, measured in, and means. The README table and the code read the same object. */
export interface MetricDeclaration {
  readonly name: string;
  readonly instrument: InstrumentKind;
  /** UCUM unit as OTLP carries it: `By`, `s`, `1`, or an annotation such as `{gc}`. */
  readonly unit: string;
  readonly attributes: readonly string[];
  readonly description: string;
}

function metric(
  name: string,
  instrument: InstrumentKind,
  unit: string,
  description: string,
  attributes: readonly string[] = [],
): MetricDeclaration {
  return { name, instrument, unit, description, attributes };
}

/** Always exported, in the product's own namespace. */
export const OWN_METRICS: readonly MetricDeclaration[] = [
  metric(METRIC_HEAP_FLOOR, 'updowncounter', 'By', 'The floor: heap in use right after the last major GC.'),
  metric(METRIC_HEAP_OLD_LIMIT, 'updowncounter', 'By', 'True old-space limit (--max-old-space-size).', [
    ATTR_LIMIT_SOURCE,
  ]),
  metric(
    METRIC_HEAP_LIMIT,
    'updowncounter',
    'By',
    'heap_size_limit of V8: old limit plus three semi-spaces.',
  ),
  metric(METRIC_HEAP_USED, 'updowncounter', 'By', 'Heap in use now, garbage included.'),
  metric(METRIC_HEAP_TOTAL, 'updowncounter', 'By', 'Heap reserved by V8 now.'),
  metric(METRIC_FLOOR_UTILIZATION, 'gauge', '1', 'Floor divided by the old-space limit.'),
  metric(
    METRIC_FLOOR_BREACH_STREAK,
    'gauge',
    '{gc}',
    'Consecutive distinct major GCs with the floor above the level.',
    [ATTR_BREACH_LEVEL],
  ),
  metric(METRIC_FLOOR_BREACH_DURATION, 'gauge', 's', 'From the first to the last major GC of the streak.'),
  metric(METRIC_FLOOR_THRESHOLD, 'gauge', '1', 'The ratio above which a floor is a breach.'),
  metric(METRIC_FLOOR_SAMPLE_DISCARDED, 'counter', '{sample}', 'Major GCs that gave no floor reading.', [
    ATTR_DISCARD_REASON,
  ]),
  metric(METRIC_GC_LAST_MAJOR_AGE, 'gauge', 's', 'Time since the last major GC: the freshness of the floor.'),
  metric(METRIC_GC_COUNT, 'counter', '{gc}', 'Garbage collections.', [ATTR_V8JS_GC_TYPE]),
  metric(METRIC_GC_PAUSE_TIME, 'counter', 's', 'Time spent in garbage collection.', [ATTR_V8JS_GC_TYPE]),
  metric(METRIC_MEMORY_EXTERNAL, 'updowncounter', 'By', 'Memory of C++ objects bound to JavaScript objects.'),
  metric(METRIC_MEMORY_ARRAY_BUFFERS, 'updowncounter', 'By', 'Memory of ArrayBuffers, Buffers included.'),
];

/** Semantic-convention families: on in register mode, off in plugin mode (other packages export them there). */
export const SEMCONV_METRICS: readonly MetricDeclaration[] = [
  metric(METRIC_PROCESS_MEMORY_USAGE, 'updowncounter', 'By', 'Resident set size of the process.'),
  metric(METRIC_V8JS_RESOURCE_ACTIVE, 'gauge', '{resource}', 'Resources that keep the event loop alive.', [
    ATTR_V8JS_RESOURCE_TYPE,
  ]),
  metric(METRIC_NODEJS_EVENTLOOP_UTILIZATION, 'gauge', '1', 'Share of time the event loop was busy.'),
  metric(METRIC_NODEJS_EVENTLOOP_TIME, 'counter', 's', 'Time the event loop was active or idle.', [
    ATTR_NODEJS_EVENTLOOP_STATE,
  ]),
  metric(
    METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
    'gauge',
    's',
    'Smallest event-loop delay of the last one to two windows.',
  ),
  metric(
    METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
    'gauge',
    's',
    'Largest event-loop delay of the last one to two windows.',
  ),
  metric(
    METRIC_NODEJS_EVENTLOOP_DELAY_P50,
    'gauge',
    's',
    'Median event-loop delay of the last one to two windows.',
  ),
  metric(
    METRIC_NODEJS_EVENTLOOP_DELAY_P99,
    'gauge',
    's',
    '99th percentile of the event-loop delay of the last one to two windows.',
  ),
];

export const ALL_METRICS: readonly MetricDeclaration[] = [...OWN_METRICS, ...SEMCONV_METRICS];
