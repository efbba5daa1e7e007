/** Frozen: alert rules, links and bookmarks point at panels by these numbers. A new panel takes the next free one. */
export const FLOOR_PANEL_IDS = {
  floorRow: 1,
  utilization: 2,
  worst: 3,
  streak: 4,
  freshness: 5,
  memoryRow: 6,
  heap: 7,
  processMemory: 8,
  gcRow: 9,
  gcRate: 10,
  gcPause: 11,
  eventLoopRow: 12,
  delay: 13,
  utilizationOfLoop: 14,
  resources: 15,
} as const;
