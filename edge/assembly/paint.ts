/**
 * Copying at full size, as `baselines/patchmatch/enlargement/`; every step is rounded to float32, as there.
 * Pointers are bytes of the module's memory; a pixel's samples, and a cell's differences, are one vector of four.
 */

const SILENT: f32 = 0.499;
// Of one shift: differences of nine cells; of a cell's lines: three rows, each a vector for every pixel.
const NINE: i32 = 9 * 16;
// Patterns of windows whose shares are kept: beside patches the same few come again and again.
const PATTERNS: i32 = 64;

// Where the shifts of the windows that reach into a cell are kept; see `paint`.
let windows: usize = 0;
let shiftRows: usize = 0;
let shiftColumns: usize = 0;
let loud: usize = 0;
let difference: usize = 0;
let keys: usize = 0;

/**
 * Write the missing pixels in place; only known pixels are read.
 *
 * @param image of float32 RGB cells.
 * @param result of 8-bit RGB cells, the filled ones.
 * @param shifts of int32, rows and columns to each cell's source.
 * @param weights of three lines of `scale` float32: the window before a cell, its own, the one after.
 * @param steps of `scale` int32 and as many float32: the neighbour before a pixel, and how far it is from it.
 * @param scratch of at least 4096 + 432 * `scale` + 2304 * `scale`² bytes.
 */
export function paint(
  samples: usize,
  mask: usize,
  width: i32,
  height: i32,
  scale: i32,
  image: usize,
  hole: usize,
  usable: usize,
  result: usize,
  shifts: usize,
  weights: usize,
  steps: usize,
  scratch: usize,
): void {
  const rows = (height + scale - 1) / scale;
  const columns = (width + scale - 1) / scale;
  windows = scratch;
  shiftRows = scratch + 64;
  shiftColumns = scratch + 128;
  loud = scratch + 192;
  const offset = scratch + 256;
  keys = scratch + 320;
  difference = scratch + 640;
  const enlarged = scratch + 4096;
  const line = <usize>(16 * scale);
  const tables = enlarged + 27 * line;
  const area = 4 * scale * scale;
  const fractions = steps + 4 * <usize>scale;
  memory.fill(keys, 0, 4 * PATTERNS);
  for (let row = 0; row < rows; row++) {
    const bottom = min(scale, height - row * scale);
    for (let column = 0; column < columns; column++) {
      const cell = row * columns + column;
      if (!load<u8>(hole + cell)) continue;
      const right = min(scale, width - column * scale);
      const count = gather(hole, usable, shifts, row, column, rows, columns);
      compare(image, hole, result, row, column, rows, columns, count);
      for (let k = 0; k < count; k++) {
        const by = load<i32>(shiftRows + 4 * k) * width + load<i32>(shiftColumns + 4 * k);
        store<i32>(offset + 4 * k, 4 * scale * by);
        if (load<i32>(loud + 4 * k)) enlarge(k, enlarged, scale, steps, fractions);
      }
      const share = shares(tables, weights, scale, count);
      const single = count === 1;
      const firstLoud = load<i32>(loud) !== 0;
      const firstOffset = load<i32>(offset);
      for (let v = 0; v < bottom; v++) {
        const above = <usize>load<i32>(steps + 4 * v) * line;
        const t = f32x4.splat(load<f32>(fractions + 4 * v));
        const start = <usize>((row * scale + v) * width + column * scale);
        const plain = isAlone(weights, scale, v);
        for (let u = 0; u < right; u++) {
          if (!load<u8>(mask + start + u)) continue;
          const at = samples + 4 * (start + u);
          let value: v128;
          if ((single && !firstLoud) || (plain && isAlone(weights, scale, u))) {
            if (!firstLoud) {
              write(at, load<u32>(at + firstOffset));
              continue;
            }
            value = f32x4.add(pixel(at + firstOffset), between(enlarged + above + 16 * u, line, t));
            value = f32x4.add(f32x4.splat(0.5), value);
          } else {
            value = f32x4.splat(0.5);
            for (let k = 0; k < count; k++) {
              const weight = load<f32>(share + k * area + 4 * (v * scale + u));
              if (weight === 0) continue;
              let sample = pixel(at + load<i32>(offset + 4 * k));
              if (load<i32>(loud + 4 * k))
                sample = f32x4.add(sample, between(enlarged + 3 * k * line + above + 16 * u, line, t));
              value = f32x4.add(value, f32x4.mul(f32x4.splat(weight), sample));
            }
          }
          const clipped = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(value), i32x4.splat(0));
          write(at, i32x4.extract_lane(i8x16.narrow_i16x8_u(clipped, clipped), 0));
        }
      }
    }
  }
}

/** Tell whether no other window reaches a line of a cell. */
// @ts-ignore: decorator
@inline
function isAlone(weights: usize, scale: i32, at: i32): bool {
  return load<f32>(weights + 4 * at) === 0 && load<f32>(weights + 4 * (2 * scale + at)) === 0;
}

/** Store three samples; the fourth stays. */
// @ts-ignore: decorator
@inline
function write(at: usize, rgba: u32): void {
  store<u32>(at, (rgba & 0xffffff) | (load<u32>(at) & 0xff000000));
}

// @ts-ignore: decorator
@inline
function pixel(at: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at))));
}

// @ts-ignore: decorator
@inline
function between(from: usize, step: usize, fraction: v128): v128 {
  const start = v128.load(from);
  return f32x4.add(start, f32x4.mul(fraction, f32x4.sub(v128.load(from + step), start)));
}

/** Give what each of `count` shifts weighs at every pixel of a cell: a plane of the cell's size for each. */
function shares(tables: usize, weights: usize, scale: i32, count: i32): usize {
  let key = 0;
  for (let n = 0; n < 9; n++) key = 9 * key + load<i32>(windows + 4 * n);
  const slot = key % PATTERNS;
  const area = 4 * scale * scale;
  const table = tables + <usize>(slot * 9 * area);
  if (load<i32>(keys + 4 * slot) === key + 1) return table;
  store<i32>(keys + 4 * slot, key + 1);
  memory.fill(table, 0, count * area);
  for (let j = 0; j < 3; j++) {
    for (let i = 0; i < 3; i++) {
      const plane = table + load<i32>(windows + 4 * (3 * j + i)) * area;
      for (let v = 0; v < scale; v++) {
        const vertical = load<f32>(weights + 4 * (j * scale + v));
        if (vertical === 0) continue;
        for (let u = 0; u < scale; u++) {
          const at = plane + 4 * (v * scale + u);
          store<f32>(at, load<f32>(at) + vertical * load<f32>(weights + 4 * (i * scale + u)));
        }
      }
    }
  }
  return table;
}

/** Enlarge the three rows of one shift's differences along the row, once for all of the cell's lines. */
function enlarge(k: i32, enlarged: usize, scale: i32, steps: usize, fractions: usize): void {
  const line = <usize>(16 * scale);
  for (let u = 0; u < scale; u++) {
    const left = 16 * load<i32>(steps + 4 * u);
    const s = f32x4.splat(load<f32>(fractions + 4 * u));
    for (let j = 0; j < 3; j++) {
      const from = difference + k * NINE + 48 * j + left;
      v128.store(enlarged + (3 * k + j) * line + 16 * u, between(from, 16, s));
    }
  }
}

/** Find the shifts of the windows that reach into a cell, its own first; `windows` gets the number of each. */
function gather(
  hole: usize,
  usable: usize,
  shifts: usize,
  row: i32,
  column: i32,
  rows: i32,
  columns: i32,
): i32 {
  memory.fill(windows, 0, 36);
  const own = shifts + 8 * (row * columns + column);
  store<i32>(shiftRows, load<i32>(own));
  store<i32>(shiftColumns, load<i32>(own, 4));
  let count = 1;
  for (let j = 0; j < 3; j++) {
    for (let i = 0; i < 3; i++) {
      const r = row + j - 1;
      const c = column + i - 1;
      if (r < 0 || c < 0 || r >= rows || c >= columns || !load<u8>(hole + r * columns + c)) continue;
      const shift = shifts + 8 * (r * columns + c);
      const dy = load<i32>(shift);
      const dx = load<i32>(shift, 4);
      const y = row + dy;
      const x = column + dx;
      if (y < 0 || x < 0 || y >= rows || x >= columns || !load<u8>(usable + y * columns + x)) continue;
      let k = 0;
      while (k < count && (load<i32>(shiftRows + 4 * k) !== dy || load<i32>(shiftColumns + 4 * k) !== dx)) k++;
      if (k === count) {
        store<i32>(shiftRows + 4 * k, dy);
        store<i32>(shiftColumns + 4 * k, dx);
        count++;
      }
      store<i32>(windows + 4 * (3 * j + i), k);
    }
  }
  return count;
}

/** Compute what each shift's source lacks in colour, at the cell and its neighbours. */
function compare(
  image: usize,
  hole: usize,
  result: usize,
  row: i32,
  column: i32,
  rows: i32,
  columns: i32,
  count: i32,
): void {
  for (let k = 0; k < count; k++) {
    const dy = load<i32>(shiftRows + 4 * k);
    const dx = load<i32>(shiftColumns + 4 * k);
    let heard = false;
    for (let j = 0; j < 3; j++) {
      for (let i = 0; i < 3; i++) {
        let r = min(max(row + j - 1, 0), rows - 1);
        let c = min(max(column + i - 1, 0), columns - 1);
        let y = r + dy;
        let x = c + dx;
        if (y < 0 || x < 0 || y >= rows || x >= columns || load<u8>(hole + y * columns + x)) {
          r = row;
          c = column;
          y = row + dy;
          x = column + dx;
        }
        const to = difference + k * NINE + 16 * (3 * j + i);
        for (let channel = 0; channel < 3; channel++) {
          const filled = <f32>load<u8>(result + 3 * (r * columns + c) + channel);
          const d = filled - load<f32>(image + 4 * (3 * (y * columns + x) + channel));
          store<f32>(to + 4 * channel, d);
          if (abs(d) > SILENT) heard = true;
        }
        store<f32>(to + 12, 0);
      }
    }
    store<i32>(loud + 4 * k, heard ? 1 : 0);
  }
}
