import { FLOOR_THRESHOLD_RATIO } from '@heapfloor/contract/rule';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { floorDashboard } from '../boards/heapfloor-floor.ts';
import { formatYaml } from '../rule-file.ts';
import {
  CONTACT_POINT,
  FLOOR_RECOVERY_RATIO,
  grafanaContactPointFile,
  grafanaRatioExpr,
  grafanaRuleFile,
} from './grafana-rule.ts';

const text = formatYaml(grafanaRuleFile());

interface GrafanaRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly {
    readonly refId: string;
    readonly datasourceUid: string;
    readonly model: Readonly<Record<string, unknown>>;
  }[];
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly [field: string]: unknown;
}

interface GrafanaRuleFile {
  readonly groups: readonly { readonly rules: readonly GrafanaRule[] }[];
}

const rule = (parse(text) as GrafanaRuleFile).groups[0]?.rules[0];

describe('grafanaRuleFile', () => {
  it('names everything that file provisioning asks for', () => {
    expect(rule).toMatchObject({
      uid: expect.stringMatching(/^[a-zA-Z0-9_-]{1,40}$/),
      title: 'NodejsHeapFloorHigh',
      condition: 'C',
      noDataState: 'OK',
      execErrState: 'KeepLast',
      labels: { severity: 'warning' },
    });
    expect(rule?.data.map(({ refId, datasourceUid }) => [refId, datasourceUid])).toEqual([
      ['A', 'heapfloor-prometheus'],
      ['C', '__expr__'],
    ]);
  });

  it('compares the ratio of query A with hysteresis', () => {
    expect(FLOOR_RECOVERY_RATIO).toBeLessThan(FLOOR_THRESHOLD_RATIO);
    expect(rule?.data[1]?.model).toMatchObject({
      type: 'threshold',
      expression: 'A',
      conditions: [
        { evaluator: { type: 'gt', params: [0.75] }, unloadEvaluator: { type: 'lt', params: [0.7] } },
      ],
    });
  });

  it('caps at the threshold what the rule does not count yet', () => {
    expect(grafanaRatioExpr()).toMatch(
      /^1 \* \(\n[^$]*\n\)\nor clamp_max\(heapfloor_heap_floor_utilization_ratio, 0\.75\)$/,
    );
  });

  it('holds no `$` and no notification policy', () => {
    expect(text).not.toContain('$');
    expect(text).not.toContain('policies:');
  });

  it('links to a panel that exists and to a contact point of its own file', () => {
    const dashboard = floorDashboard();
    expect(rule?.dashboardUid).toBe(dashboard.uid);
    const panel = dashboard.panels.find(({ id }) => id === rule?.panelId);
    expect(panel?.title).toBe('Floor utilization');
    expect(rule?.['notification_settings']).toMatchObject({
      receiver: CONTACT_POINT,
      group_by: ['grafana_folder', 'alertname', 'job', 'instance'],
    });
    expect(grafanaContactPointFile()).toMatchObject({ contactPoints: [{ name: CONTACT_POINT }] });
  });
});

describe('grafanaContactPointFile', () => {
  it('signs body and time', () => {
    expect(grafanaContactPointFile()).toMatchObject({
      contactPoints: [
        {
          receivers: [
            {
              type: 'webhook',
              settings: {
                url: 'http://localhost:9464/hooks/grafana',
                hmacConfig: {
                  header: 'X-Grafana-Alerting-Signature',
                  timestampHeader: 'X-Grafana-Alerting-Timestamp',
                },
              },
            },
          ],
        },
      ],
    });
  });
});
