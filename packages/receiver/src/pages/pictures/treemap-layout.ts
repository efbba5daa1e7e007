/** One cell of a treemap; lengths are shares of the whole picture. */
export interface TreemapCell<Item> {
  readonly item: Item;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Squarified treemap (M. Bruls, K. Huizing, J. van Wijk, "Squarified Treemaps", 2000): rows along the shorter side, an
 * item joins the row as long as the worst ratio of sides gets no worse.
 * Items must come largest first; those without a size get no cell.
 */
export function layoutTreemap<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  picture: { readonly widthPx: number; readonly heightPx: number },
): readonly TreemapCell<Item>[] {
  const { widthPx, heightPx } = picture;
  const sized = items.filter((item) => sizeOf(item) > 0);
  const total = sized.reduce((sum, item) => sum + sizeOf(item), 0);
  const areaOf = (item: Item): number => (sizeOf(item) / total) * widthPx * heightPx;
  const cells: TreemapCell<Item>[] = [];
  let free: Area = { x: 0, y: 0, width: widthPx, height: heightPx };
  let rest = sized;
  while (rest.length > 0) {
    const count = rowLength(rest.map(areaOf), Math.min(free.width, free.height));
    const row = rest.slice(0, count);
    const placed = placeRow(row.map(areaOf), free);
    placed.cells.forEach((area, index) => {
      const item = row[index];
      if (item !== undefined) cells.push({ item, ...toShares(area, picture) });
    });
    free = placed.free;
    rest = rest.slice(count);
  }
  return cells;
}

/** How many of the next items make the best row along a side of this length. */
function rowLength(areas: readonly number[], side: number): number {
  let count = 1;
  while (count < areas.length) {
    if (worst(areas.slice(0, count + 1), side) > worst(areas.slice(0, count), side)) break;
    count += 1;
  }
  return count;
}

/** The paper's worst(R, w): max(w² r⁺ / s², s² / (w² r⁻)). */
function worst(row: readonly number[], w: number): number {
  const s = row.reduce((sum, area) => sum + area, 0);
  return Math.max((w * w * Math.max(...row)) / (s * s), (s * s) / (w * w * Math.min(...row)));
}

function placeRow(areas: readonly number[], free: Area): { cells: readonly Area[]; free: Area } {
  const sum = areas.reduce((total, area) => total + area, 0);
  const isTall = free.width >= free.height;
  const side = isTall ? free.height : free.width;
  const depth = sum / side;
  let offset = 0;
  const cells = areas.map((area) => {
    const length = area / depth;
    const cell = isTall
      ? { x: free.x, y: free.y + offset, width: depth, height: length }
      : { x: free.x + offset, y: free.y, width: length, height: depth };
    offset += length;
    return cell;
  });
  const left = isTall
    ? { ...free, x: free.x + depth, width: Math.max(0, free.width - depth) }
    : { ...free, y: free.y + depth, height: Math.max(0, free.height - depth) };
  return { cells, free: left };
}

function toShares(area: Area, { widthPx, heightPx }: { widthPx: number; heightPx: number }): Area {
  return {
    x: area.x / widthPx,
    y: area.y / heightPx,
    width: area.width / widthPx,
    height: area.height / heightPx,
  };
}
