import { expect, test } from 'vitest';
import { layoutTreemap } from './treemap-layout.ts';

const layout = (
  sizes: readonly number[],
  widthPx = 6,
  heightPx = 4,
): ReturnType<typeof layoutTreemap<number>> => layoutTreemap(sizes, (size) => size, { widthPx, heightPx });

test('lays the example of the paper out as the paper does', () => {
  // Bruls et al., figure 4: 6 × 4, sizes 6 6 4 3 2 2 1.
  const cells = layout([6, 6, 4, 3, 2, 2, 1]).map(({ x, y, width, height }) =>
    [x * 6, y * 4, width * 6, height * 4].map((value) => Math.round(value * 100) / 100),
  );
  expect(cells.slice(0, 4)).toEqual([
    [0, 0, 3, 2],
    [0, 2, 3, 2],
    [3, 0, 1.71, 2.33],
    [4.71, 0, 1.29, 2.33],
  ]);
});

test('gives every item an area that is its share, without overlap', () => {
  const sizes = Array.from({ length: 40 }, (_, index) => 1000 / (index + 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const cells = layout(sizes, 1190, 304);
  for (const { item, width, height } of cells) expect(width * height).toBeCloseTo(item / total, 9);
  const overlapping = cells.flatMap((a, index) =>
    cells.slice(index + 1).filter((b) => {
      const isBeside = a.x + a.width <= b.x + 1e-9 || b.x + b.width <= a.x + 1e-9;
      const isBelow = a.y + a.height <= b.y + 1e-9 || b.y + b.height <= a.y + 1e-9;
      return !isBeside && !isBelow;
    }),
  );
  expect(overlapping).toEqual([]);
});

test('gives nothing a cell that has no size', () => {
  expect(layout([4, 0, -1]).map(({ item }) => item)).toEqual([4]);
  expect(layout([])).toEqual([]);
});
