import { DEFAULT_EXPORT_INTERVAL_SECONDS } from '@heapfloor/contract/rule';
import { floorRuleGroups, portableFloorRuleGroups } from '../alerts/nodejs-heap-floor-high.ts';
import { floorRuleTests } from '../alerts/rule-tests.ts';
import { formatRuleFile, formatYaml } from '../rule-file.ts';

/** The rule file of the default export interval. */
export const RULE_FILE = 'heapfloor.rules.yml';
export const PORTABLE_RULE_FILE = 'heapfloor-portable.rules.yml';

/** Export intervals that have a file of their own; for others: `floorRuleGroups`. Unit: seconds. */
export const PROFILE_INTERVALS_SECONDS = [DEFAULT_EXPORT_INTERVAL_SECONDS, 30, 60] as const;

export function profileRuleFile(intervalSeconds: number): string {
  return intervalSeconds === DEFAULT_EXPORT_INTERVAL_SECONDS
    ? RULE_FILE
    : `heapfloor-${intervalSeconds}s.rules.yml`;
}

/** Rule files and their promtool tests, by path below `deploy/prometheus/`. */
export function formatRuleFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const intervalSeconds of PROFILE_INTERVALS_SECONDS) {
    const about = `For an export interval of ${intervalSeconds} s.`;
    files.set(profileRuleFile(intervalSeconds), formatRuleFile(floorRuleGroups({ intervalSeconds }), about));
  }
  const intervalSeconds = DEFAULT_EXPORT_INTERVAL_SECONDS;
  files.set(
    PORTABLE_RULE_FILE,
    formatRuleFile(
      portableFloorRuleGroups({ intervalSeconds }),
      `For metrics without a breach streak, and an export interval of ${intervalSeconds} s. Load it instead of\n` +
        `${RULE_FILE}, not beside it: a floor that is exported twice looks like two samples to it.`,
    ),
  );
  files.set('tests/heapfloor.test.yml', formatTests('exact', RULE_FILE));
  files.set('tests/heapfloor-portable.test.yml', formatTests('portable', PORTABLE_RULE_FILE));
  return files;
}

function formatTests(form: 'exact' | 'portable', ruleFile: string): string {
  const options = { form, intervalSeconds: DEFAULT_EXPORT_INTERVAL_SECONDS, ruleFile: `../${ruleFile}` };
  return formatYaml(
    floorRuleTests(options),
    `promtool test rules ${form === 'exact' ? 'heapfloor' : 'heapfloor-portable'}.test.yml`,
  );
}
