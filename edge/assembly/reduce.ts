/** Averages of whole cells, as `baselines/patchmatch/reduction.py`. Pointers are bytes of the module's memory. */

/**
 * Reduce RGBA samples; a cell that the hole touches is missing altogether.
 *
 * @param image of float32 RGB cells, 0 where the hole is.
 * @param hole of bytes, 1 where a pixel of the cell is missing.
 * @param usable of bytes, 1 where the cell is known and wholly inside the picture.
 */
export function reduce(
  samples: usize,
  mask: usize,
  width: i32,
  height: i32,
  scale: i32,
  image: usize,
  hole: usize,
  usable: usize,
): void {
  const rows = (height + scale - 1) / scale;
  const columns = (width + scale - 1) / scale;
  for (let row = 0; row < rows; row++) {
    const down = min(scale, height - row * scale);
    for (let column = 0; column < columns; column++) {
      const across = min(scale, width - column * scale);
      const cell = <usize>(row * columns + column);
      const first = <usize>(row * scale * width + column * scale);
      const touched = isTouched(mask + first, width, across, down);
      store<u8>(hole + cell, touched ? 1 : 0);
      store<u8>(usable + cell, !touched && down === scale && across === scale ? 1 : 0);
      const sums = touched ? i32x4.splat(0) : total(samples + 4 * first, width, across, down);
      const factor: f32 = <f32>(1.0 / <f64>(down * across));
      const mean = f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.splat(factor));
      v128.store64_lane(image + 12 * cell, mean, 0);
      v128.store32_lane(image + 12 * cell, mean, 2, 8);
    }
  }
}

function isTouched(mask: usize, width: i32, across: i32, down: i32): bool {
  for (let v = 0; v < down; v++) {
    const line = mask + <usize>(v * width);
    let u = 0;
    for (; u + 8 <= across; u += 8) if (load<u64>(line + u)) return true;
    for (; u < across; u++) if (load<u8>(line + u)) return true;
  }
  return false;
}

/** Sum each of the four samples of every pixel. */
function total(samples: usize, width: i32, across: i32, down: i32): v128 {
  let sums = i32x4.splat(0);
  for (let v = 0; v < down; v++) {
    const line = samples + 4 * <usize>(v * width);
    let u = 0;
    for (; u + 4 <= across; u += 4) {
      const four = v128.load(line + 4 * u);
      const two = i16x8.add(i16x8.extend_low_i8x16_u(four), i16x8.extend_high_i8x16_u(four));
      sums = i32x4.add(sums, i32x4.add(i32x4.extend_low_i16x8_u(two), i32x4.extend_high_i16x8_u(two)));
    }
    for (; u < across; u++) {
      const one = v128.load32_zero(line + 4 * u);
      sums = i32x4.add(sums, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(one)));
    }
  }
  return sums;
}
