/** Cells filled from the sources of their tokens, as `baselines/rethined/matching/nearest.py`. */

import { PATCH, type Working } from "./working.js";

/** Give every missing cell the shift of its token: rows and columns to its source. */
export function cellShifts(working: Working, holes: Int32Array, sources: Int32Array): Int32Array {
  const tokenColumns = working.padded[1] / PATCH;
  const grid = new Int32Array((2 * working.padded[0] * working.padded[1]) / PATCH ** 2);
  holes.forEach((token, n) => {
    const source = sources[n]!;
    grid[2 * token] = PATCH * (Math.floor(source / tokenColumns) - Math.floor(token / tokenColumns));
    grid[2 * token + 1] = PATCH * ((source % tokenColumns) - (token % tokenColumns));
  });
  const shifts = new Int32Array(2 * working.rows * working.columns);
  for (let row = 0; row < working.rows; row++) {
    for (let column = 0; column < working.columns; column++) {
      const cell = row * working.columns + column;
      if (!working.hole[cell]) continue;
      const token = Math.floor(row / PATCH) * tokenColumns + Math.floor(column / PATCH);
      shifts[2 * cell] = grid[2 * token]!;
      shifts[2 * cell + 1] = grid[2 * token + 1]!;
    }
  }
  return shifts;
}

/**
 * Lay the detail of the sources over the low band: the paper's Attention Upscaling, on cells.
 *
 * `low` holds planes of RGB in [0, 1], padded; the result is RGB, and known cells are the picture's.
 */
export function copiedCells(working: Working, low: Float32Array, shifts: Int32Array): Uint8Array {
  const [height, width] = working.padded;
  const result = new Uint8Array(3 * working.rows * working.columns);
  for (let row = 0; row < working.rows; row++) {
    for (let column = 0; column < working.columns; column++) {
      const cell = row * working.columns + column;
      const y = row + shifts[2 * cell]!;
      const x = column + shifts[2 * cell + 1]!;
      const source = y * working.columns + x;
      for (let channel = 0; channel < 3; channel++) {
        let value = working.image[3 * source + channel]!;
        if (working.hole[cell]) {
          const plane = channel * height * width;
          const step = Math.fround(low[plane + row * width + column]! - low[plane + y * width + x]!);
          value = Math.fround(value + Math.fround(255 * step));
        }
        result[3 * cell + channel] = Math.min(Math.max(rounded(value), 0), 255);
      }
    }
  }
  return result;
}

/** Round half to even, as numpy and Python. */
export function rounded(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
