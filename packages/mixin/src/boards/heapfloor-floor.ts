import { METRIC_FLOOR_UTILIZATION } from '@heapfloor/contract/metrics';
import { DASHBOARD_UID } from '../alerts/grafana-rule.ts';
import { GENERATED_BY } from '../rule-file.ts';
import { EVENT_LOOP_ROW } from '../panels/event-loop-row.ts';
import { FLOOR_ROW } from '../panels/floor-row.ts';
import { GC_ROW } from '../panels/gc-row.ts';
import { MEMORY_ROW } from '../panels/memory-row.ts';
import { DATASOURCE, type Panel, type PanelRow } from '../panels/panel.ts';
import { FLOOR_UTILIZATION } from '../signals/floor.ts';

/** The newest schema that Grafana 10 knows; later releases migrate it upwards when they load it. */
const SCHEMA_VERSION = 39;
const ROW_HEIGHT = 1;
const BOARD_WIDTH = 24;

interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface RowPanel {
  readonly id: number;
  readonly type: 'row';
  readonly title: string;
  readonly collapsed: false;
  readonly gridPos: GridPos;
  readonly panels: readonly never[];
}

export type PlacedPanel = (Panel & { readonly gridPos: GridPos }) | RowPanel;

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PlacedPanel[];
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly [field: string]: unknown;
}

/** Dashboard JSON of schema v1, which Grafana 10 to 13 provision from files. */
export function floorDashboard(): Dashboard {
  return {
    // JSON knows no comments: the head of the file is the description.
    description: `The floor of the V8 heap and what stands around it. ${GENERATED_BY}`,
    uid: DASHBOARD_UID,
    title: 'Heapfloor / floor',
    tags: ['heapfloor', 'nodejs'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [datasourceVariable(), labelVariable('job', ''), labelVariable('instance', 'job=~"$job"')],
    },
    panels: place([FLOOR_ROW, MEMORY_ROW, GC_ROW, EVENT_LOOP_ROW]),
  };
}

function datasourceVariable(): Readonly<Record<string, unknown>> {
  return { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1 };
}

/** Values of a label of the floor; the instances of the chosen jobs only. */
function labelVariable(name: string, matchers: string): Readonly<Record<string, unknown>> {
  const query = `label_values(${FLOOR_UTILIZATION.promql({ matchers, rateWindow: '' })}, ${name})`;
  return {
    name,
    label: name,
    description: `Label ${name} of ${METRIC_FLOOR_UTILIZATION}`,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    definition: query,
    // 2: whenever the time range changes, so that instances that came and went can be chosen.
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    // Not the list of all values: a fleet's list would be longer than a URL.
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

/** Left to right, then down; a panel that does not fit beside the last one begins the next line. */
function place(rows: readonly PanelRow[]): PlacedPanel[] {
  const placed: PlacedPanel[] = [];
  let y = 0;
  for (const row of rows) {
    const gridPos = { x: 0, y, w: BOARD_WIDTH, h: ROW_HEIGHT };
    placed.push({ id: row.id, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] });
    y += ROW_HEIGHT;
    let x = 0;
    let lineHeight = 0;
    for (const { panel, width, height } of row.panels) {
      if (x + width > BOARD_WIDTH) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      placed.push({ ...panel, gridPos: { x, y, w: width, h: height } });
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return placed;
}
