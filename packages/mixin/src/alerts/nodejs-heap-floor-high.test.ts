import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../../../test/peers/require-peer.ts';
import { runTool, type ToolResult } from '../../../../test/peers/run-tool.ts';
import { PROFILE_INTERVALS_SECONDS } from '../deploy/rule-files.ts';
import { formatRuleFile, formatYaml } from '../rule-file.ts';
import {
  floorRuleExpr,
  floorRuleGroups,
  portableFloorRuleGroups,
  type RuleGroup,
} from './nodejs-heap-floor-high.ts';
import { floorRuleTests } from './rule-tests.ts';

const directory = mkdtempSync(join(tmpdir(), 'heapfloor-rules-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('floorRuleGroups', () => {
  it('compares the streak, the span of one export interval and the critical streak', () => {
    expect(floorRuleExpr({ intervalSeconds: 30 })).toBe(
      `heapfloor_heap_floor_utilization_ratio
and ignoring (heapfloor_breach_level) (
  (
    heapfloor_heap_floor_breach_streak{heapfloor_breach_level="warning"} >= 2
    and ignoring (heapfloor_breach_level) heapfloor_heap_floor_breach_duration_seconds >= 30
  )
  or heapfloor_heap_floor_breach_streak{heapfloor_breach_level="critical"} >= 2
)`,
    );
  });

  it.each([
    [15, '35s'],
    [30, '65s'],
    [60, '130s'],
    [1, '2500ms'],
  ])('opens a window for two samples that come every %i s: %s', (intervalSeconds, window) => {
    expect(portableFloorRuleGroups({ intervalSeconds })[0]?.rules[0]?.expr).toContain(`[${window}]`);
  });

  it('holds no `$`, which Grafana would expand', () => {
    expect(formatRuleFile(floorRuleGroups({ intervalSeconds: 15 }))).not.toContain('$');
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an interval of %d', (intervalSeconds) => {
    const message = `the export interval in seconds is ${intervalSeconds}; give a number above 0`;
    expect(() => floorRuleGroups({ intervalSeconds })).toThrow(message);
    expect(() => portableFloorRuleGroups({ intervalSeconds })).toThrow(message);
  });
});

/** The histories are those that the evaluator is tested with: it and Prometheus must give the same alerts. */
describe('promtool test rules', () => {
  for (const seconds of PROFILE_INTERVALS_SECONDS) {
    it(`agrees with the exact rule on every history of a ${seconds} s pipeline`, async (ctx) => {
      const promtool = requirePeer(ctx, 'promtool');
      const result = await testRules(
        promtool,
        'exact',
        floorRuleGroups({ intervalSeconds: seconds }),
        seconds,
      );
      expect(result).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS') });
    });

    it(`agrees with the portable rule on every history of a ${seconds} s pipeline`, async (ctx) => {
      const promtool = requirePeer(ctx, 'promtool');
      const groups = portableFloorRuleGroups({ intervalSeconds: seconds });
      const result = await testRules(promtool, 'portable', groups, seconds);
      expect(result).toEqual({ exitCode: 0, output: expect.stringContaining('SUCCESS') });
    });
  }

  it('fails when the rule forgets that the samples must be an interval apart', async (ctx) => {
    const promtool = requirePeer(ctx, 'promtool');
    const result = await testRules(promtool, 'exact', floorRuleGroups({ intervalSeconds: 1 }), 15);
    expect(result).toEqual({
      exitCode: 1,
      output: expect.stringContaining('does not fire on a short breach between two exports'),
    });
  });

  it('fails when the rule is a `for:` on the utilization', async (ctx) => {
    const promtool = requirePeer(ctx, 'promtool');
    const [group] = floorRuleGroups({ intervalSeconds: 15 });
    const naive = { ...group?.rules[0], expr: 'heapfloor_heap_floor_utilization_ratio > 0.75', for: '15s' };
    const groups = [{ ...group, rules: [naive] } as RuleGroup];
    const { exitCode, output } = await testRules(promtool, 'exact', groups, 15);
    expect(exitCode).toBe(1);
    expect(output).toContain('does not fire on one high sample followed by death');
  });
});

async function testRules(
  promtool: string,
  form: 'exact' | 'portable',
  groups: readonly RuleGroup[],
  intervalSeconds: number,
): Promise<ToolResult> {
  const folder = mkdtempSync(join(directory, `${form}-`));
  const ruleFile = 'floor.rules.yml';
  writeFileSync(join(folder, ruleFile), formatRuleFile(groups));
  const tests = floorRuleTests({ form, intervalSeconds, ruleFile });
  writeFileSync(join(folder, 'floor.test.yml'), formatYaml(tests));
  return runTool(promtool, ['test', 'rules', join(folder, 'floor.test.yml')]);
}
