/**
 * Copying at full size, as `baselines/patchmatch/enlargement.py`, and the coarse result enlarged where there is no
 * source, as `baselines/rethined/upscaling.py`. Every step is rounded to float32, as there.
 */

import { rounded } from "./matching.js";
import type { Picture, Working } from "./working.js";

const REACH = 0.25;
const SILENT = Math.fround(0.499);
const { fround } = Math;

/** Weights along one axis of a cell: of the window before it, its own, and the one after it; columns sum to one. */
export function edgeWeights(scale: number): readonly [Float32Array, Float32Array, Float32Array] {
  const reach = rounded(REACH * scale);
  const before = new Float32Array(scale);
  const centre = new Float32Array(scale).fill(1);
  const after = new Float32Array(scale);
  for (let i = 0; i < reach; i++) {
    const rise = Math.sin(((Math.PI / 2) * (i + 0.5 + reach)) / (2 * reach)) ** 2;
    centre[i] = centre[scale - 1 - i] = rise;
    before[i] = after[scale - 1 - i] = 1 - rise;
  }
  return [before, centre, after];
}

/** Write the missing pixels in place; only known pixels are read. */
export function paint(
  output: Picture,
  mask: Uint8Array,
  working: Working,
  result: Uint8Array,
  shifts: Int32Array,
): void {
  if (working.scale === 1) {
    paste(output, mask, result);
    return;
  }
  const { scale, rows, columns, hole } = working;
  const { width, height, samples } = output;
  const weights = edgeWeights(scale);
  const [before, , after] = weights;
  // Lines and pixels of a cell that no other window reaches.
  const alone = before.map((weight, at) => (weight === 0 && after[at] === 0 ? 1 : 0));
  const windows = new Int32Array(9);
  const whole = new Float32Array(scale * scale);
  for (let v = 0; v < scale; v++)
    for (let u = 0; u < scale; u++) addWeights(whole.subarray(v * scale + u), windows, weights, v, u);
  const rowShift = new Int32Array(9);
  const columnShift = new Int32Array(9);
  const difference = new Float32Array(9 * 27);
  const line = 3 * scale;
  const enlarged = new Float32Array(9 * 3 * line);
  const loud = new Uint8Array(9);
  const share = new Float32Array(9);
  const offset = new Int32Array(9);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      if (!hole[cell]) continue;
      const count = gather(working, shifts, row, column, windows, rowShift, columnShift);
      compare(working, result, row, column, count, rowShift, columnShift, difference, loud);
      for (let k = 0; k < count; k++) {
        offset[k] = 4 * scale * (rowShift[k]! * width + columnShift[k]!);
        if (loud[k]) enlarge(difference, enlarged, k, scale);
      }
      const bottom = Math.min(scale, height - row * scale);
      const right = Math.min(scale, width - column * scale);
      for (let v = 0; v < bottom; v++) {
        const down = fround((v + 0.5) / scale + 0.5);
        const above = Math.trunc(down);
        const t = fround(down - above);
        const start = (row * scale + v) * width + column * scale;
        for (let u = 0; u < right; u++) {
          if (!mask[start + u]) continue;
          const at = 4 * (start + u);
          if ((count === 1 && !loud[0]) || (alone[v] && alone[u])) {
            const from = at + offset[0]!;
            const d = above * line + 3 * u;
            for (let channel = 0; channel < 3; channel++) {
              let sample = samples[from + channel]!;
              if (loud[0]) {
                const step = between(enlarged[d + channel]!, enlarged[d + line + channel]!, t);
                sample = fround(0.5 + fround(sample + step)) | 0;
              }
              samples[at + channel] = sample;
            }
            continue;
          }
          if (count === 1) share[0] = whole[v * scale + u]!;
          else {
            for (let k = 0; k < count; k++) share[k] = 0;
            addWeights(share, windows, weights, v, u);
          }
          for (let channel = 0; channel < 3; channel++) {
            let value = 0.5;
            for (let k = 0; k < count; k++) {
              const weight = share[k]!;
              if (weight === 0) continue;
              let sample = samples[at + offset[k]! + channel]!;
              if (loud[k]) {
                const d = (3 * k + above) * line + 3 * u + channel;
                sample = fround(sample + between(enlarged[d]!, enlarged[d + line]!, t));
              }
              value = fround(value + fround(weight * sample));
            }
            samples[at + channel] = value | 0; // the array clips
          }
        }
      }
    }
  }
}

/** Add what each window weighs at a pixel of a cell to the share of its shift. */
function addWeights(
  share: Float32Array,
  windows: Int32Array,
  weights: ReturnType<typeof edgeWeights>,
  v: number,
  u: number,
): void {
  for (let j = 0; j < 3; j++) {
    const vertical = weights[j]![v]!;
    if (vertical === 0) continue;
    for (let i = 0; i < 3; i++) {
      const horizontal = weights[i]![u]!;
      if (horizontal === 0) continue;
      const k = windows[3 * j + i]!;
      share[k] = share[k]! + fround(vertical * horizontal);
    }
  }
}

/** Enlarge the three rows of one shift's differences along the row, once for all of the cell's lines. */
function enlarge(difference: Float32Array, enlarged: Float32Array, k: number, scale: number): void {
  for (let u = 0; u < scale; u++) {
    const along = fround((u + 0.5) / scale + 0.5);
    const left = Math.trunc(along);
    const s = fround(along - left);
    for (let j = 0; j < 3; j++) {
      const d = 27 * k + 9 * j + 3 * left;
      const at = 3 * scale * (3 * k + j) + 3 * u;
      for (let channel = 0; channel < 3; channel++)
        enlarged[at + channel] = between(difference[d + channel]!, difference[d + 3 + channel]!, s);
    }
  }
}

function between(from: number, to: number, fraction: number): number {
  return fround(from + fround(fraction * fround(to - from)));
}

/** Find the shifts of the windows that reach into a cell, its own first; `windows` gets the number of each. */
function gather(
  working: Working,
  shifts: Int32Array,
  row: number,
  column: number,
  windows: Int32Array,
  rowShift: Int32Array,
  columnShift: Int32Array,
): number {
  const { rows, columns, hole, usable } = working;
  const cell = row * columns + column;
  windows.fill(0);
  rowShift[0] = shifts[2 * cell]!;
  columnShift[0] = shifts[2 * cell + 1]!;
  let count = 1;
  for (let j = 0; j < 3; j++) {
    for (let i = 0; i < 3; i++) {
      const r = row + j - 1;
      const c = column + i - 1;
      if (r < 0 || c < 0 || r >= rows || c >= columns || !hole[r * columns + c]) continue;
      const dy = shifts[2 * (r * columns + c)]!;
      const dx = shifts[2 * (r * columns + c) + 1]!;
      const y = row + dy;
      const x = column + dx;
      if (y < 0 || x < 0 || y >= rows || x >= columns || !usable[y * columns + x]) continue;
      let k = 0;
      while (k < count && (rowShift[k] !== dy || columnShift[k] !== dx)) k++;
      if (k === count) {
        rowShift[k] = dy;
        columnShift[k] = dx;
        count++;
      }
      windows[3 * j + i] = k;
    }
  }
  return count;
}

/** Compute what each shift's source lacks in colour, at the cell and its neighbours. */
function compare(
  working: Working,
  result: Uint8Array,
  row: number,
  column: number,
  count: number,
  rowShift: Int32Array,
  columnShift: Int32Array,
  difference: Float32Array,
  loud: Uint8Array,
): void {
  const { rows, columns, hole, image } = working;
  for (let k = 0; k < count; k++) {
    loud[k] = 0;
    for (let j = 0; j < 3; j++) {
      for (let i = 0; i < 3; i++) {
        let r = Math.min(Math.max(row + j - 1, 0), rows - 1);
        let c = Math.min(Math.max(column + i - 1, 0), columns - 1);
        let y = r + rowShift[k]!;
        let x = c + columnShift[k]!;
        if (y < 0 || x < 0 || y >= rows || x >= columns || hole[y * columns + x]) {
          r = row;
          c = column;
          y = row + rowShift[k]!;
          x = column + columnShift[k]!;
        }
        for (let channel = 0; channel < 3; channel++) {
          const d = fround(result[3 * (r * columns + c) + channel]! - image[3 * (y * columns + x) + channel]!);
          difference[27 * k + 9 * j + 3 * i + channel] = d;
          if (Math.abs(d) > SILENT) loud[k] = 1;
        }
      }
    }
  }
}

function paste(output: Picture, mask: Uint8Array, result: Uint8Array): void {
  for (let pixel = 0; pixel < mask.length; pixel++)
    if (mask[pixel])
      for (let channel = 0; channel < 3; channel++)
        output.samples[4 * pixel + channel] = result[3 * pixel + channel]!;
}

/** Write the bilinearly enlarged coarse result, planes of RGB in [0, 1], into the hole. */
export function paintEnlarged(output: Picture, mask: Uint8Array, working: Working, coarse: Float32Array): void {
  const { scale } = working;
  const { width, height, samples } = output;
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
