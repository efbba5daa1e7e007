import { FLOOR } from '../signals/floor.ts';
import { ARRAY_BUFFERS, EXTERNAL, HEAP_TOTAL, HEAP_USED, OLD_SPACE_LIMIT, RSS } from '../signals/memory.ts';
import { timeSeriesPanel, type PanelRow } from './panel.ts';
import { FLOOR_PANEL_IDS } from './panel-ids.ts';

export const MEMORY_ROW: PanelRow = {
  id: FLOOR_PANEL_IDS.memoryRow,
  title: 'Anatomy of the memory',
  panels: [
    {
      width: 12,
      height: 9,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.heap,
        title: 'Floor, heapUsed and limit',
        about: 'heapUsed swings between the floor and the next GC; only the floor tells what is really kept.',
        signals: [FLOOR, HEAP_USED, HEAP_TOTAL, OLD_SPACE_LIMIT],
        noValue: 'No heap metrics: needs @heapfloor/instrumentation',
      }),
    },
    {
      width: 12,
      height: 9,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.processMemory,
        title: 'rss, external and arrayBuffers',
        about:
          'Memory outside the JavaScript heap. rss that grows alone is native memory or fragmentation, not a heap leak.',
        signals: [RSS, EXTERNAL, ARRAY_BUFFERS],
        noValue: 'No process metrics: rss comes with the semantic-convention families',
      }),
    },
  ],
};
