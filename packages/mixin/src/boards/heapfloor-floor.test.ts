import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../../../test/peers/require-peer.ts';
import { runTool } from '../../../../test/peers/run-tool.ts';
import { FLOOR_PANEL_IDS } from '../panels/panel-ids.ts';
import type { Panel } from '../panels/panel.ts';
import { formatYaml } from '../rule-file.ts';
import { floorDashboard } from './heapfloor-floor.ts';

const dashboard = floorDashboard();
const panels = dashboard.panels.filter((panel): panel is Panel & typeof panel => panel.type !== 'row');

/** The rules of grafana/dashboard-linter 0.2.0 that apply to Prometheus dashboards, by their names there. */
describe('floorDashboard', () => {
  it('has the variables datasource, job and instance, each filtered by the one before (template-*)', () => {
    expect(dashboard.templating.list).toMatchObject([
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
      { name: 'job', definition: 'label_values(heapfloor_heap_floor_utilization_ratio, job)', refresh: 2 },
      {
        name: 'instance',
        definition: 'label_values(heapfloor_heap_floor_utilization_ratio{job=~"$job"}, instance)',
        refresh: 2,
      },
    ]);
  });

  it.each(panels)(
    'describes panel "$title", with unit, help for no data and the datasource variable',
    (panel) => {
      expect(panel.description.length).toBeGreaterThan(30);
      expect(panel.fieldConfig.defaults.unit).toMatch(/^(?:bytes|percentunit|s|short|ops)$/);
      expect(panel.fieldConfig.defaults.noValue).not.toBe('');
      expect(panel.datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
      expect(panel.targets.length).toBeGreaterThan(0);
    },
  );

  it.each(panels.flatMap(({ targets }) => targets))(
    'selects job and instance in $expr (target-*)',
    ({ expr }) => {
      expect(expr).toContain('job=~"$job",instance=~"$instance"');
      const ranges = [...expr.matchAll(/\[([^\]]+)\]/g)].map(([, range]) => range);
      expect(ranges.filter((range) => range !== '$__rate_interval')).toEqual([]);
    },
  );

  it('draws the alert’s threshold and the critical ratio', () => {
    const utilization = panels.find(({ id }) => id === FLOOR_PANEL_IDS.utilization);
    expect(utilization?.fieldConfig.defaults.thresholds.steps.map(({ value }) => value)).toEqual([
      null,
      0.75,
      0.9,
    ]);
    expect(utilization?.fieldConfig.defaults.custom).toMatchObject({ thresholdsStyle: { mode: 'line' } });
  });

  it('keeps the numbers of its panels', () => {
    expect(Object.fromEntries(dashboard.panels.map(({ id, title }) => [id, title]))).toEqual({
      1: 'Is any process heading for its heap limit?',
      2: 'Floor utilization',
      3: 'Worst 10',
      4: 'Consecutive samples above the threshold',
      5: 'Age of the last major GC',
      6: 'Anatomy of the memory',
      7: 'Floor, heapUsed and limit',
      8: 'rss, external and arrayBuffers',
      9: 'Garbage collection',
      10: 'GC rate',
      11: 'GC pause share',
      12: 'Event loop and resources',
      13: 'Event-loop delay',
      14: 'Event-loop utilization',
      15: 'Active resources',
    });
    expect(dashboard.panels).toHaveLength(15);
  });

  it('places no panel over another or beyond the right edge', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
  });

  it('needs no input on import and cannot be edited in place', () => {
    expect(dashboard).toMatchObject({ uid: 'heapfloor-floor', editable: false });
    expect(JSON.stringify(dashboard)).not.toMatch(/__inputs|\$\{DS_/);
  });

  it('asks only what promtool can parse', async (ctx) => {
    const promtool = requirePeer(ctx, 'promtool');
    const rules = panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, at) => ({
        record: `panel:query:${at}`,
        expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*'),
      }));
    const directory = mkdtempSync(join(tmpdir(), 'heapfloor-board-'));
    try {
      const file = join(directory, 'panels.rules.yml');
      writeFileSync(file, formatYaml({ groups: [{ name: 'panels', rules }] }));
      expect(await runTool(promtool, ['check', 'rules', file])).toEqual({
        exitCode: 0,
        output: expect.stringContaining(`SUCCESS: ${rules.length} rules found`),
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
