/** The picture at the working resolution, as the network sees it; as `baselines/rethined/tokens.py`. */

export const PATCH = 8;
const STRIDE = 64;
const MARGIN = PATCH / 2;

/** Picture of 8-bit samples, RGBA in row order; the fourth sample is not read. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly samples: Uint8ClampedArray<ArrayBuffer>;
}

/** Picture in cells of `scale` x `scale` pixels. */
export interface Working {
  readonly scale: number;
  readonly rows: number;
  readonly columns: number;
  /** Grey levels, mean of each cell, RGB; 0 where the hole is. */
  readonly image: Float32Array;
  /** 1 where a pixel of the cell is missing. */
  readonly hole: Uint8Array;
  /** 1 where the cell is known and wholly inside the picture. */
  readonly usable: Uint8Array;
  /** Rows and columns padded to what the network takes. */
  readonly padded: readonly [number, number];
  /** Rows and columns that lie wholly inside the picture. */
  readonly content: readonly [number, number];
}

/** Round a side up to what the network takes. */
export function padded(side: number): number {
  return Math.ceil(side / STRIDE) * STRIDE;
}

/** Lay out for the network: planes of RGB in [0, 1], and the mask, 1 = missing or padding. */
export function networkInputs(working: Working): { image: Float32Array; mask: Float32Array } {
  const [height, width] = working.padded;
  const image = new Float32Array(3 * height * width);
  const mask = new Float32Array(height * width).fill(1);
  const factor = Math.fround(1 / 255);
  for (let row = 0; row < working.rows; row++) {
    for (let column = 0; column < working.columns; column++) {
      const cell = row * working.columns + column;
      const at = row * width + column;
      mask[at] = working.hole[cell]!;
      for (let channel = 0; channel < 3; channel++)
        image[channel * height * width + at] = working.image[3 * cell + channel]! * factor;
    }
  }
  return { image, mask };
}

/** List the tokens that the hole touches, in row order. */
export function holeTokens(working: Working): Int32Array {
  const tokenColumns = working.padded[1] / PATCH;
  const touched = new Uint8Array((working.padded[0] / PATCH) * tokenColumns);
  for (let row = 0; row < working.rows; row++)
    for (let column = 0; column < working.columns; column++)
      if (working.hole[row * working.columns + column])
        touched[Math.floor(row / PATCH) * tokenColumns + Math.floor(column / PATCH)] = 1;
  return Int32Array.from(touched.keys()).filter((token) => touched[token]);
}

/** List the tokens that detail may be taken from: known and inside, with a margin of half a token. */
export function validTokens(working: Working): Int32Array {
  const [height, width] = working.content;
  const tokenRows = working.padded[0] / PATCH;
  const tokenColumns = working.padded[1] / PATCH;
  const valid: number[] = [];
  for (let j = 0; j < tokenRows; j++) {
    for (let i = 0; i < tokenColumns; i++) {
      const top = PATCH * j - MARGIN;
      const left = PATCH * i - MARGIN;
      const bottom = top + PATCH + 2 * MARGIN;
      const right = left + PATCH + 2 * MARGIN;
      if (top < 0 || left < 0 || bottom > height || right > width) continue;
      if (isKnown(working, top, left, bottom, right)) valid.push(j * tokenColumns + i);
    }
  }
  return Int32Array.from(valid);
}

function isKnown(working: Working, top: number, left: number, bottom: number, right: number): boolean {
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++)
      if (working.hole[row * working.columns + column]) return false;
  return true;
}
