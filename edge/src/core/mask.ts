/** Masks: operations in their order, drawn at full size; 1 = missing. */

/** One step of the person who paints; undo drops the last. Lengths are pixels of the picture. */
export type Operation =
  | { readonly kind: "stroke"; readonly erase: boolean; readonly radius: number; readonly points: readonly number[] }
  | { readonly kind: "stored"; readonly number: number }
  | { readonly kind: "clear" };

/** Draw every operation into a mask of `width` x `height`; `stored` are masks of that size, from files. */
export function drawn(
  width: number,
  height: number,
  operations: readonly Operation[],
  stored: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height);
  for (const operation of operations) {
    if (operation.kind === "clear") mask.fill(0);
    else if (operation.kind === "stored") {
      const other = stored[operation.number]!;
      for (let at = 0; at < mask.length; at++) mask[at]! |= other[at]!;
    } else {
      const { points, radius, erase } = operation;
      const value = erase ? 0 : 1;
      if (points.length === 2) segment(mask, width, height, points, 0, 0, radius, value);
      for (let n = 2; n < points.length; n += 2) segment(mask, width, height, points, n - 2, n, radius, value);
    }
  }
  return mask;
}

/** Set the pixels whose centres are at most `radius` from the segment. */
function segment(
  mask: Uint8Array,
  width: number,
  height: number,
  points: readonly number[],
  start: number,
  end: number,
  radius: number,
  value: number,
): void {
  const [ax, ay] = [points[start]!, points[start + 1]!];
  const [bx, by] = [points[end]!, points[end + 1]!];
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const top = Math.max(Math.floor(Math.min(ay, by) - radius), 0);
  const bottom = Math.min(Math.ceil(Math.max(ay, by) + radius), height);
  const left = Math.max(Math.floor(Math.min(ax, bx) - radius), 0);
  const right = Math.min(Math.ceil(Math.max(ax, bx) + radius), width);
  for (let y = top; y < bottom; y++) {
    const v = y + 0.5 - ay;
    for (let x = left; x < right; x++) {
      const u = x + 0.5 - ax;
      const along = length ? Math.min(Math.max((u * dx + v * dy) / length, 0), 1) : 0;
      const across = (u - along * dx) ** 2 + (v - along * dy) ** 2;
      if (across <= radius * radius) mask[y * width + x] = value;
    }
  }
}

/** Read a mask from RGBA samples of its own size: white is missing; stretched to the picture by nearest pixels. */
export function fromSamples(
  samples: Uint8ClampedArray,
  size: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * size.height) / height) * size.width;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(((x + 0.5) * size.width) / width);
      mask[y * width + x] = samples[4 * (row + column)]! >= 128 ? 1 : 0;
    }
  }
  return mask;
}

/** Count the missing pixels. */
export function missing(mask: Uint8Array): number {
  let count = 0;
  for (const value of mask) count += value;
  return count;
}
