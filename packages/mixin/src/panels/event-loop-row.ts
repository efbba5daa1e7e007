import {
  ACTIVE_RESOURCES,
  EVENT_LOOP_DELAY_MAX,
  EVENT_LOOP_DELAY_P50,
  EVENT_LOOP_DELAY_P99,
  EVENT_LOOP_UTILIZATION,
} from '../signals/event-loop.ts';
import { timeSeriesPanel, type PanelRow } from './panel.ts';
import { FLOOR_PANEL_IDS } from './panel-ids.ts';

const NO_EVENT_LOOP = 'No event-loop metrics: they come with the semantic-convention families';

/** From here on one more request makes all others wait noticeably. Unit: 1. */
const EVENT_LOOP_UTILIZATION_HIGH = 0.9;

export const EVENT_LOOP_ROW: PanelRow = {
  id: FLOOR_PANEL_IDS.eventLoopRow,
  title: 'Event loop and resources',
  panels: [
    {
      width: 8,
      height: 8,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.delay,
        title: 'Event-loop delay',
        about: 'How long the event loop was late. A long GC shows here as a spike of max.',
        signals: [EVENT_LOOP_DELAY_P50, EVENT_LOOP_DELAY_P99, EVENT_LOOP_DELAY_MAX],
        noValue: NO_EVENT_LOOP,
      }),
    },
    {
      width: 8,
      height: 8,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.utilizationOfLoop,
        title: EVENT_LOOP_UTILIZATION.name,
        about: 'Share of time in which the event loop was busy.',
        signals: [EVENT_LOOP_UTILIZATION],
        noValue: NO_EVENT_LOOP,
        max: 1,
        thresholds: [
          { color: 'green', value: null },
          { color: 'orange', value: EVENT_LOOP_UTILIZATION_HIGH },
        ],
      }),
    },
    {
      width: 8,
      height: 8,
      panel: timeSeriesPanel({
        id: FLOOR_PANEL_IDS.resources,
        title: ACTIVE_RESOURCES.name,
        about:
          'Timers, sockets and handles that keep the event loop alive, by type. One that only climbs is a leak of handles.',
        signals: [ACTIVE_RESOURCES],
        noValue: 'No resource metrics: they come with the semantic-convention families',
      }),
    },
  ],
};
