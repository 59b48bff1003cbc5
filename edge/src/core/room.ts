/** A picture and its mask in the memory of the compiled loops of assembly/, which reduce and paint them there. */

import bytes from "../../assembly/loops.wasm";
import { rounded } from "./matching.js";
import { padded, type Picture, type Working } from "./working.js";

interface Loops {
  reduce(...arguments_: readonly number[]): void;
  paint(...arguments_: readonly number[]): void;
}

const PAGE = 65536;
const REACH = 0.25;
const { fround } = Math;
let module: WebAssembly.Module | null = null;

export class Room implements Picture {
  readonly width: number;
  readonly height: number;
  readonly samples: Uint8ClampedArray<ArrayBuffer>;
  /** 1 = missing. */
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly #loops: Loops;
  readonly #buffer: ArrayBuffer;
  readonly #free: number;
  readonly #resolution: number;

  /**
   * Take memory for a picture of that size.
   *
   * @param resolution of the longer side at most, in cells.
   * @throws RangeError where the browser has not as much.
   */
  constructor(width: number, height: number, resolution: number) {
    const pixels = width * height;
    const scale = Math.ceil(Math.max(width, height) / resolution);
    const cells = Math.ceil(width / scale) * Math.ceil(height / scale);
    const size = PAGE + 5 * pixels + 40 * cells + 512 * scale + 2304 * scale ** 2 + 8192;
    const memory = new WebAssembly.Memory({ initial: Math.ceil(size / PAGE) });
    module ??= new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.#loops = exports as unknown as Loops;
    this.#buffer = memory.buffer;
    this.width = width;
    this.height = height;
    this.#resolution = resolution;
    this.samples = new Uint8ClampedArray(this.#buffer, PAGE, 4 * pixels);
    this.mask = new Uint8Array(this.#buffer, PAGE + 4 * pixels, pixels);
    this.#free = aligned(PAGE + 5 * pixels);
  }

  /** Average whole cells; a cell that the hole touches is missing altogether. */
  reduced(): Working {
    const { width, height } = this;
    const scale = Math.ceil(Math.max(width, height) / this.#resolution);
    const rows = Math.ceil(height / scale);
    const columns = Math.ceil(width / scale);
    const cells = rows * columns;
    const image = new Float32Array(this.#buffer, this.#free, 3 * cells);
    const hole = new Uint8Array(this.#buffer, aligned(this.#free + 12 * cells), cells);
    const usable = new Uint8Array(this.#buffer, aligned(hole.byteOffset + cells), cells);
    const { samples, mask } = this;
    this.#loops.reduce(
      ...[samples.byteOffset, mask.byteOffset, width, height, scale],
      ...[image.byteOffset, hole.byteOffset, usable.byteOffset],
    );
    const content = [Math.floor(height / scale), Math.floor(width / scale)] as const;
    return { scale, rows, columns, image, hole, usable, padded: [padded(rows), padded(columns)], content };
  }

  /**
   * Write the missing pixels in place; only known pixels are read.
   *
   * @param working what `reduced` gave.
   * @param result filled cells, RGB.
   * @param shifts rows and columns from each cell to its source.
   */
  paint(working: Working, result: Uint8Array, shifts: Int32Array): void {
    const { width, height, samples, mask } = this;
    const { scale, image, hole, usable } = working;
    if (scale === 1) {
      for (let pixel = 0; pixel < mask.length; pixel++)
        if (mask[pixel]) samples.set(result.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
      return;
    }
    let free = aligned(usable.byteOffset + usable.length);
    const placed = <Values extends Uint8Array | Int32Array | Float32Array>(values: Values): number => {
      const at = free;
      new Uint8Array(this.#buffer, at).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      free = aligned(at + values.byteLength);
      return at;
    };
    const filled = placed(result);
    const moved = placed(shifts);
    const weights = placed(Float32Array.from(edgeWeights(scale).flatMap((line) => [...line])));
    const halves = Array.from({ length: scale }, (_, at) => fround((at + 0.5) / scale + 0.5));
    const steps = placed(Int32Array.from(halves, Math.trunc));
    free = steps + 4 * scale;
    placed(Float32Array.from(halves, (half) => fround(half - Math.trunc(half))));
    this.#loops.paint(
      ...[samples.byteOffset, mask.byteOffset, width, height, scale],
      ...[image.byteOffset, hole.byteOffset, usable.byteOffset, filled, moved, weights, steps, free],
    );
  }
}

function aligned(at: number): number {
  return 16 * Math.ceil(at / 16);
}

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
