import { describe, expect, it } from 'vitest';
import { parseTargets } from './parse-targets.ts';
import { matchTargets } from './target.ts';

describe('parseTargets', () => {
  it('reads YAML and JSON alike and fills in what is left out', () => {
    const yaml = 'targets:\n  - instance: shop-1\n    address: unix:/run/shop.sock\n';
    const json = '{"targets": [{"instance": "shop-1", "address": "unix:/run/shop.sock"}]}';
    const target = {
      instance: 'shop-1',
      service: 'shop-1',
      version: null,
      address: 'unix:/run/shop.sock',
      match: { instance: 'shop-1' },
    };
    expect(parseTargets(yaml)).toEqual({ targets: [target], problems: [] });
    expect(parseTargets(json)).toEqual({ targets: [target], problems: [] });
  });

  it('lists every problem of shape at once', () => {
    const text =
      '{"targets": [{"instance": "", "adress": "x"}, {"instance": "b", "address": "unix:/b", "match": {}}]}';
    const { targets, problems } = parseTargets(text);
    expect(targets).toEqual([]);
    expect(problems).toEqual([
      expect.stringContaining('targets.0.instance'),
      expect.stringContaining('targets.0.address'),
      expect.stringContaining('adress'),
      'targets.1.match: needs at least one label',
    ]);
  });

  it('lists every wrong address and double instance at once', () => {
    const list = [
      { instance: 'a', address: 'http://8.8.8.8' },
      { instance: 'b', address: 'unix:/b' },
      { instance: 'b', address: 'unix:b' },
    ];
    expect(parseTargets(JSON.stringify({ targets: list })).problems).toEqual([
      "targets.0.address: 'http://8.8.8.8' is no loopback or private address (RFC 1918, 4193, 6598)",
      "targets.2.address: 'unix:b' needs an absolute path after unix:",
      "targets.2.instance: 'b' is also targets.1",
    ]);
  });

  it('says when the text is neither', () => {
    expect(parseTargets('targets: [').problems).toEqual([expect.stringContaining('neither YAML nor JSON')]);
  });
});

describe('matchTargets', () => {
  const { targets } = parseTargets(
    JSON.stringify({
      targets: [
        { instance: 'a', address: 'unix:/a', match: { job: 'shop', k8s_pod_name: 'shop-a' } },
        { instance: 'b', address: 'unix:/b' },
      ],
    }),
  );

  function select(labels: Record<string, string>): string[] {
    return matchTargets(targets, labels).map(({ instance }) => instance);
  }

  it('selects by every label of the match and never by an address', () => {
    expect(select({ job: 'shop', k8s_pod_name: 'shop-a', severity: 'warning' })).toEqual(['a']);
    expect(select({ job: 'shop' })).toEqual([]);
    expect(select({ instance: 'b' })).toEqual(['b']);
    expect(select({ instance: 'unix:/a', address: 'unix:/a' })).toEqual([]);
  });
});
