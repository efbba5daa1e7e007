import {
  FLOOR_CRITICAL_RATIO,
  FLOOR_SAMPLES_REQUIRED,
  FLOOR_THRESHOLD_RATIO,
} from '@heapfloor/contract/rule';
import { BREACH_STREAK, CRITICAL_BREACH_STREAK, FLOOR_UTILIZATION } from '../signals/floor.ts';
import { LAST_MAJOR_GC_AGE } from '../signals/gc.ts';
import { DASHBOARD_SCOPE, DATASOURCE, timeSeriesPanel, type Panel, type PanelRow } from './panel.ts';
import { FLOOR_PANEL_IDS } from './panel-ids.ts';

const WORST_COUNT = 10;
const NO_FLOOR = 'No floor yet: needs @heapfloor/instrumentation and one major GC';

const UTILIZATION_STEPS = [
  { color: 'green', value: null },
  { color: 'orange', value: FLOOR_THRESHOLD_RATIO },
  { color: 'red', value: FLOOR_CRITICAL_RATIO },
];

/** Is any process heading for an out-of-memory death? */
export const FLOOR_ROW: PanelRow = {
  id: FLOOR_PANEL_IDS.floorRow,
  title: 'Is any process heading for its heap limit?',
  panels: [
    {
      width: 16,
      height: 10,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.utilization,
        title: FLOOR_UTILIZATION.name,
        about:
          `What is left after a major GC, as a share of the old-space limit. Above ${percent(FLOOR_THRESHOLD_RATIO)} on ` +
          `${FLOOR_SAMPLES_REQUIRED} consecutive samples the alert fires; a healthy floor is flat, a leak climbs.`,
        signals: [FLOOR_UTILIZATION],
        noValue: NO_FLOOR,
        max: 1,
        thresholds: UTILIZATION_STEPS,
      }),
    },
    { width: 8, height: 10, panel: worstTable() },
    {
      width: 12,
      height: 7,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.streak,
        title: 'Consecutive samples above the threshold',
        about: `Distinct major GCs, counted in the process. ${FLOOR_SAMPLES_REQUIRED} are needed for the alert.`,
        signals: [BREACH_STREAK, CRITICAL_BREACH_STREAK],
        noValue: NO_FLOOR,
        thresholds: [
          { color: 'green', value: null },
          { color: 'orange', value: FLOOR_SAMPLES_REQUIRED },
        ],
      }),
    },
    {
      width: 12,
      height: 7,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.freshness,
        title: LAST_MAJOR_GC_AGE.name,
        about: 'How old the floor is. A process with little garbage goes for minutes without a major GC.',
        signals: [LAST_MAJOR_GC_AGE],
        noValue: 'No major GC yet',
      }),
    },
  ],
};

function worstTable(): Panel {
  return {
    id: FLOOR_PANEL_IDS.worst,
    type: 'table',
    title: `Worst ${WORST_COUNT}`,
    description: `The ${WORST_COUNT} highest floors now, as a share of the old-space limit.`,
    datasource: DATASOURCE,
    targets: [
      {
        refId: 'A',
        datasource: DATASOURCE,
        editorMode: 'code',
        expr: `topk(${WORST_COUNT}, ${FLOOR_UTILIZATION.promql(DASHBOARD_SCOPE)})`,
        legendFormat: FLOOR_UTILIZATION.legend,
        instant: true,
        range: false,
        format: 'table',
      },
    ],
    fieldConfig: {
      defaults: {
        unit: FLOOR_UTILIZATION.unit,
        noValue: NO_FLOOR,
        color: { mode: 'thresholds' },
        min: 0,
        max: 1,
        thresholds: { mode: 'absolute', steps: UTILIZATION_STEPS },
        custom: { align: 'auto' },
      },
      overrides: [
        {
          matcher: { id: 'byName', options: FLOOR_UTILIZATION.name },
          properties: [{ id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic' } }],
        },
      ],
    },
    options: { showHeader: true, sortBy: [{ displayName: FLOOR_UTILIZATION.name, desc: true }] },
    // Whatever else the pipeline promotes (pod, version) is one click away in the panel's data.
    transformations: [
      { id: 'filterFieldsByName', options: { include: { names: ['job', 'instance', 'Value'] } } },
      { id: 'organize', options: { renameByName: { Value: FLOOR_UTILIZATION.name } } },
    ],
  };
}

function percent(ratio: number): string {
  return `${ratio * 100} %`;
}
