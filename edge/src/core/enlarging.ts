/** The coarse result enlarged where there is no source, as `baselines/rethined/upscaling.py`, in steps of float32. */

import type { Room } from "./room.js";
import type { Working } from "./working.js";

const { fround } = Math;

/** Write the bilinearly enlarged coarse result, planes of RGB in [0, 1], into the hole. */
export function paintEnlarged({ width, height, samples, mask }: Room, working: Working, coarse: Float32Array): void {
  const { scale } = working;
  const [rows, columns] = working.padded;
  const value = (channel: number, y: number, x: number): number =>
    fround(255 * coarse[(channel * rows + y) * columns + x]!);
  for (let y = 0; y < height; y++) {
    const v = Math.max((y + 0.5) / scale - 0.5, 0);
    const above = Math.trunc(v);
    const below = Math.min(above + 1, rows - 1);
    const s = fround(v - above);
    for (let x = 0; x < width; x++) {
      if (!mask[y * width + x]) continue;
      const column = Math.floor(x / scale);
      const u = fround(((x % scale) + 0.5) / scale + 0.5);
      const left = Math.min(Math.max(column + Math.trunc(u) - 1, 0), columns - 1);
      const right = Math.min(Math.max(column + Math.trunc(u), 0), columns - 1);
      const t = fround(u - Math.trunc(u));
      for (let channel = 0; channel < 3; channel++) {
        const start = between(value(channel, above, left), value(channel, below, left), s);
        const end = between(value(channel, above, right), value(channel, below, right), s);
        const sum = fround(between(start, end, t) + 0.5);
        samples[4 * (y * width + x) + channel] = sum | 0;
      }
    }
  }
}

function between(from: number, to: number, fraction: number): number {
  return fround(from + fround(fraction * fround(to - from)));
}
