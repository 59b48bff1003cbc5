/** Frames of the ladder as Python has them, from `frames.json`: scenes, masks, and a sample of what Python fills. */

import type { Plan } from "./measuring.js";

/** One frame; see `leaderboard/edge/frames.py`. */
export interface Frame {
  readonly size: number | string;
  readonly width: number;
  readonly height: number;
  /** Side of the scene, which larger frames mirror. */
  readonly scene: number;
  readonly name: string;
  readonly hole_pixels: number;
  readonly scene_sha256: string;
  readonly mask_sha256: string;
  /** From one sampled pixel of the hole to the next. */
  readonly step: number;
  /** RGB of these, in base64. */
  readonly expected: string;
  /** Which of these rounding decides, and the other answer there. */
  readonly other: { readonly at: readonly number[]; readonly rgb: string };
}

/** Content of `frames.json`. */
export interface Frames {
  readonly schema_version: number;
  readonly protocol_version: number;
  readonly plans: readonly Plan[];
  readonly coarse: number;
  readonly agreeing: number;
  readonly material: string;
  readonly fingerprint: string;
  readonly method: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly summary: string;
    readonly settings: Readonly<Record<string, unknown>>;
  };
  readonly frames: readonly Frame[];
}

/** Read the lengths of a mask's runs, known first, each in groups of seven bits. */
export function unpacked(bytes: Uint8Array, pixels: number): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(pixels);
  let [pixel, value] = [0, 0];
  for (let at = 0; at < bytes.length; value = 1 - value) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const group = bytes[at++]!;
      length += (group & 127) << shift;
      if (group < 128) break;
    }
    if (value) mask.fill(1, pixel, pixel + length);
    pixel += length;
  }
  if (pixel !== pixels) throw new Error("a mask is damaged; reload the page");
  return mask;
}

/** Continue a square scene to the right and below by mirroring, edges twice, as OpenCV's BORDER_REFLECT. */
export function mirrored(scene: Uint8ClampedArray, side: number, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const from = new Uint32Array(scene.buffer, scene.byteOffset, side * side);
  const samples = new Uint8ClampedArray(4 * width * height);
  const to = new Uint32Array(samples.buffer);
  const reflected = (at: number): number => {
    const within = at % (2 * side);
    return within < side ? within : 2 * side - 1 - within;
  };
  const columns = Int32Array.from({ length: width }, (_, x) => reflected(x));
  for (let y = 0; y < height; y++) {
    const line = side * reflected(y);
    for (let x = 0; x < width; x++) to[y * width + x] = from[line + columns[x]!]!;
  }
  return samples;
}

/** Drop the fourth of every four samples. */
export function rgbOf(samples: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((3 * samples.length) / 4);
  for (let from = 0, to = 0; from < samples.length; from += 4, to += 3) {
    rgb[to] = samples[from]!;
    rgb[to + 1] = samples[from + 1]!;
    rgb[to + 2] = samples[from + 2]!;
  }
  return rgb;
}

/**
 * Find the fraction of the sampled pixels of the hole that are at most one grey level from one of Python's two
 * answers; 0 where a known pixel differs from the picture's.
 */
export function agreement(filled: Uint8ClampedArray, given: Uint8ClampedArray, mask: Uint8Array, frame: Frame): number {
  const [a, b] = [filled, given].map((samples) => new Uint32Array(samples.buffer, samples.byteOffset, mask.length)) as [
    Uint32Array,
    Uint32Array,
  ];
  for (let pixel = 0; pixel < mask.length; pixel++) if (!mask[pixel] && a[pixel] !== b[pixel]) return 0;
  const expected = bytesOf(frame.expected);
  const rgb = bytesOf(frame.other.rgb);
  const other = new Map(frame.other.at.map((sample, n) => [sample, 3 * n]));
  const count = expected.length / 3;
  let [hole, sample, alike] = [0, 0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (!mask[pixel]) continue;
    if (hole++ % frame.step) continue;
    const near = (answer: Uint8Array, at: number): boolean =>
      [0, 1, 2].every((channel) => Math.abs(filled[4 * pixel + channel]! - answer[at + channel]!) <= 1);
    const rival = other.get(sample);
    if (near(expected, 3 * sample) || (rival !== undefined && near(rgb, rival))) alike++;
    sample++;
  }
  return sample === count ? alike / count : 0;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
