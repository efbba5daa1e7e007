import { GC_PAUSE_SHARE, GC_RATE } from '../signals/gc.ts';
import { timeSeriesPanel, type PanelRow } from './panel.ts';
import { FLOOR_PANEL_IDS } from './panel-ids.ts';

/** Above this share of time a service is slowed noticeably; nearly always a heap close to its limit. Unit: 1. */
const GC_PAUSE_SHARE_HIGH = 0.1;

export const GC_ROW: PanelRow = {
  id: FLOOR_PANEL_IDS.gcRow,
  title: 'Garbage collection',
  panels: [
    {
      width: 12,
      height: 8,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.gcRate,
        title: GC_RATE.name,
        about:
          'Collections per second by type. Major ones become frequent when the floor comes close to the limit.',
        signals: [GC_RATE],
        noValue: 'No GC metrics: needs @heapfloor/instrumentation',
      }),
    },
    {
      width: 12,
      height: 8,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.gcPause,
        title: GC_PAUSE_SHARE.name,
        about: 'Share of time in which garbage collection stopped the main thread, by type.',
        signals: [GC_PAUSE_SHARE],
        noValue: 'No GC metrics: needs @heapfloor/instrumentation',
        thresholds: [
          { color: 'green', value: null },
          { color: 'orange', value: GC_PAUSE_SHARE_HIGH },
        ],
      }),
    },
  ],
};
