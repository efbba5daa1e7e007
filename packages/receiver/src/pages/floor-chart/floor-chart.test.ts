import { describe, expect, test } from 'vitest';
import { buildArtifact, buildFloorRise, buildLeakRecord, buildLeakRise } from '../capture-record.fixture.ts';
import { MIB } from '../leak-report.fixture.ts';
import { renderHtml } from '../markup/html.ts';
import { attributesOf, markupProblems, textOf } from '../read-page.fixture.ts';
import { groupMarks } from './capture-marks.ts';
import { createFloorChart } from './chart-model.ts';
import { floorChart } from './floor-chart.ts';
import { labelBox, overlap, PLOT_WIDTH_PX, textPx, WIDE_PLOT_WIDTH_PX } from './label-metrics.ts';
import { createTimeAxis, timeTicks } from './time-axis.ts';
import { placeTopRow } from './top-row.ts';

function draw(differs: Parameters<typeof buildLeakRecord>[0] = {}): string {
  const model = createFloorChart(buildLeakRecord(differs), 'shop');
  if (model === null) throw new Error('there are readings');
  return renderHtml(floorChart(model));
}

/** Coordinates of the first path of a class. */
function pathOf(svg: string, className: string): number[][] {
  const d = new RegExp(`class="${className}"[^>]*d="([^"]*)"`, 'u').exec(svg)?.[1] ?? '';
  return [...d.matchAll(/([\d.]+) ([\d.]+)/gu)].map(([, x, y]) => [Number(x), Number(y)]);
}

const mark = (atMs: number, letter: string): { atMs: number; letter: string; text: string } => ({
  atMs,
  letter,
  text: letter,
});

/** Box of a label on a plot of this width; y does not matter on one line. */
const boxOf = (
  label: { position: number; anchor: 'start' | 'end'; dx: number },
  text: string,
  widthPx: number,
): ReturnType<typeof labelBox> => {
  const at = label.position * widthPx + label.dx;
  return labelBox(label.anchor === 'end' ? at - textPx(text) : at, 0, textPx(text));
};

describe('the floor chart', () => {
  test('has no picture without readings', () => {
    expect(createFloorChart(buildLeakRecord({ floorSamples: [] }), 'shop')).toBeNull();
  });

  test('draws one dot per major GC, at its share of the limit', () => {
    const svg = draw({
      floorSamples: buildFloorRise({
        count: 3,
        fromSeconds: -1200,
        toSeconds: 0,
        fromBytes: 128 * MIB,
        toBytes: 384 * MIB,
        limitBytes: 512 * MIB,
      }),
      artifacts: [],
    });
    expect(pathOf(svg, 'floor-dots')).toEqual([
      [0, 750],
      [500, 500],
      [1000, 250],
    ]);
    expect(pathOf(svg, 'threshold-line')).toEqual([[0, 250]]);
  });

  test('marks the two samples, the alert and the snapshots', () => {
    const svg = draw();
    expect(svg.match(/<circle/gu)).toHaveLength(2);
    const text = textOf(svg);
    expect(text).toContain('76 %, then 78 %');
    expect(text).toContain('alert 02:14');
    expect(text).toContain('02:14:46 · snapshot A, stall 31 ms');
    expect(text).toContain('02:19:57 · snapshot B, stall 28 ms');
    expect(text).toContain('limit 512.0 MiB');
  });

  test('says in words what it draws', () => {
    const text = textOf(draw());
    expect(text).toContain('Floor of shop from 01:34 to 02:26 against its limit of 512.0 MiB');
    expect(text).toContain(
      'First sample above 75 %: 387.0 MiB (76 %) at 02:10:55; second: 401.2 MiB (78 %) at 02:12:44.',
    );
    expect(text).toContain('The floor rises by 7.8 MiB/min and reaches the limit about 02:26.');
  });

  test('has ticks at quarters of the limit', () => {
    expect(textOf(draw())).toContain('0 128 256 384 512');
  });

  test('draws the way to the limit dotted, and not where it is too far away', () => {
    expect(draw()).toContain('class="projection-line"');
    const slow = buildFloorRise({
      count: 20,
      fromSeconds: -2400,
      toSeconds: 0,
      fromBytes: 390 * MIB,
      toBytes: 400 * MIB,
      limitBytes: 512 * MIB,
    });
    expect(draw({ floorSamples: slow })).not.toContain('class="projection-line"');
  });

  test('has no line over a hole in the readings', () => {
    const early = buildFloorRise({
      count: 5,
      fromSeconds: -7200,
      toSeconds: -7000,
      fromBytes: MIB,
      toBytes: MIB,
      limitBytes: 512 * MIB,
    });
    expect(draw({ floorSamples: [...early, ...buildLeakRise()] }).match(/class="floor-line"/gu)).toHaveLength(
      2,
    );
    expect(draw().match(/class="floor-line"/gu)).toHaveLength(1);
  });

  test('leaves out heap used where nobody delivered it', () => {
    const svg = draw({ floorSamples: buildLeakRise().map((sample) => ({ ...sample, heapUsedBytes: null })) });
    expect(svg).not.toContain('heap-used-line');
    expect(textOf(svg)).not.toContain('heap used');
  });

  test.each([1, 2, 500])('holds with %d readings', (count) => {
    const svg = draw({ floorSamples: buildLeakRise(count) });
    expect(pathOf(svg, count > 120 ? 'floor-dots floor-dots-dense' : 'floor-dots')).toHaveLength(count);
    expect(markupProblems(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/u);
  });

  test('holds with readings of a limit of nothing and above the limit', () => {
    const [first, ...rest] = buildLeakRise();
    if (first === undefined) throw new Error('readings are needed');
    const samples = [
      { ...first, limitBytes: 0 },
      ...rest.map((sample) => ({ ...sample, floorBytes: sample.limitBytes * 1.1 })),
    ];
    const svg = draw({ floorSamples: samples });
    expect(svg).not.toMatch(/NaN|Infinity|="-\d+%/u);
    expect(pathOf(svg, 'floor-dots').every(([, y]) => y === 0)).toBe(true);
  });

  test('has all its geometry in attributes', () => {
    expect(attributesOf(draw(), 'style')).toEqual([]);
  });
});

describe('captures that stand close together', () => {
  const axis = createTimeAxis([0, 100_000]);

  test('share one box', () => {
    const groups = groupMarks([mark(10_000, 'A'), mark(12_000, 'B'), mark(80_000, 'P')], axis);
    expect(groups.map(({ letters, position }) => [letters, position])).toEqual([
      ['A\u2009B', 0.11],
      ['P', 0.8],
    ]);
  });

  test('are both named in its title', () => {
    const artifacts = [
      buildArtifact('heap-snapshot', 15),
      buildArtifact('heap-snapshot', 20, { stallMs: 28 }),
    ];
    expect(textOf(draw({ artifacts }))).toContain(
      'snapshot A, stall 31 ms; 02:14:51 · snapshot B, stall 28 ms',
    );
  });
});

describe('the labels over the limit line', () => {
  const texts = {
    limit: 'limit 512.0 MiB',
    alert: 'alert 02:14',
    forecast: { short: '≈ 02:26', long: 'full ≈ 02:26' },
  };
  const positions = Array.from({ length: 101 }, (_, index) => index / 100);

  test.each([
    ['a phone', PLOT_WIDTH_PX, texts.forecast.short],
    ['a desk', WIDE_PLOT_WIDTH_PX, texts.forecast.long],
  ])('do not overlap on %s, wherever the alert is', (_, widthPx, forecast) => {
    const overlapping = positions.filter((position) => {
      const row = placeTopRow(position, texts);
      const alert = boxOf(row.alert, texts.alert, widthPx);
      const limit = boxOf(row.limit, texts.limit, widthPx);
      const full = labelBox(widthPx - textPx(forecast), 0, textPx(forecast));
      return overlap(alert, limit) || overlap(alert, full) || overlap(limit, full) || alert.from < -1;
    });
    expect(overlapping).toEqual([]);
  });
});

describe('the time axis', () => {
  test.each([
    ['40 s', 40_000, ['00:00:00', '00:00:10', '00:00:20', '00:00:30', '00:00:40']],
    ['one hour', 3_600_000, ['00:00', '00:10', '00:20', '00:30', '00:40', '00:50', '01:00']],
    ['a night', 8 * 3_600_000, ['1\u00a0Jan', '02:00', '04:00', '06:00', '08:00']],
    ['three days', 3 * 86_400_000, ['1\u00a0Jan', '2\u00a0Jan', '3\u00a0Jan', '4\u00a0Jan']],
  ])('has round ticks over %s', (_, toMs, labels) => {
    expect(timeTicks(createTimeAxis([0, toMs])).map(({ label }) => label)).toEqual(labels);
  });

  test('gives one moment a width', () => {
    const axis = createTimeAxis([50_000]);
    expect([axis.at(50_000), axis.toMs - axis.fromMs]).toEqual([1, 20_000]);
  });
});
