/** Everything that takes time: decoding, masks, the network, copying at full size, PNG. */

import { canvasOf, decoded, samplesOf } from "./canvas.js";
import { fill, WORKING_RESOLUTION } from "./core/fill.js";
import { drawn, fromSamples, missing } from "./core/mask.js";
import { encodePng } from "./core/png.js";
import { Room } from "./core/room.js";
import { openNetwork, type Opened } from "./core/session.js";
import type { Picture } from "./core/working.js";
import { explained } from "./failure.js";
import type { Filled, Loaded, Name, Posted, Reply, Requests } from "./messages.js";

type Handlers = { [Key in Name]: (request: Requests[Key]["request"]) => Promise<Requests[Key]["answer"]> };

const BASE = new URL(".", self.location.href);
const MOST_THREADS = 8;
const PREVIEW = 1024;
// Red of a hole on the site.
const HOLE = [179, 38, 30] as const;

let picture: Picture | null = null;
/** Memory of the open picture's fills; the last one stands in it. */
let room: Room | null = null;
let result: Picture | null = null;
let stored: Uint8Array[] = [];
let opening: Promise<Opened> | null = null;

const handlers: Handlers = {
  async load(): Promise<Loaded> {
    const { threads, bytes, downloadSeconds, compileSeconds } = await network();
    return { threads, bytes, downloadSeconds, compileSeconds };
  },

  async open({ file }) {
    const bitmap = await decoded(file);
    const samples = samplesOf(bitmap);
    for (let at = 3; at < samples.length; at += 4)
      if (samples[at] !== 255) throw new Error("the picture has transparent pixels; flatten it first");
    picture = { width: bitmap.width, height: bitmap.height, samples };
    room = result = null;
    stored = [];
    return { width: bitmap.width, height: bitmap.height, bitmap };
  },

  async mask({ file, stretch }) {
    const { width, height } = opened();
    const bitmap = await decoded(file);
    if (!stretch && (bitmap.width !== width || bitmap.height !== height))
      throw new Error(
        `the mask has ${bitmap.width} × ${bitmap.height} pixels, the picture ${width} × ${height}; ` +
          "give a mask of the picture's size, white = missing",
      );
    const mask = fromSamples(samplesOf(bitmap), bitmap, width, height);
    const number = stored.push(mask) - 1;
    return { number, preview: preview(mask, width, height) };
  },

  async fill({ operations }): Promise<Filled> {
    const { width, height, samples } = opened();
    const mask = drawn(width, height, operations, stored);
    const count = missing(mask);
    if (count === 0) throw new Error("nothing is masked; paint over what shall go");
    const { network: run } = await network();
    say("filling");
    room ??= new Room(width, height, WORKING_RESOLUTION);
    result = null;
    room.samples.set(samples);
    room.mask.set(mask);
    const timing = await fill(room, run);
    result = room;
    return { bitmap: canvasOf(room).transferToImageBitmap(), missing: count, timing };
  },

  async savePicture() {
    if (!result) throw new Error("nothing is filled yet; press Fill first");
    return encodePng(result.width, result.height, result.samples, 3, 4);
  },

  async saveMask({ operations }) {
    const { width, height } = opened();
    const mask = drawn(width, height, operations, stored);
    for (let at = 0; at < mask.length; at++) mask[at]! *= 255;
    return encodePng(width, height, mask, 1, 1);
  },
};

function opened(): Picture {
  if (!picture) throw new Error("no picture is open; open one first");
  return picture;
}

function network(): Promise<Opened> {
  opening ??= openNetwork(BASE, Math.min(navigator.hardwareConcurrency, MOST_THREADS), say).catch(
    (error: unknown) => {
      opening = null; // the next request tries again
      throw error;
    },
  );
  return opening;
}

/** Draw a mask in the colour of holes, small enough to be shown. */
function preview(mask: Uint8Array, width: number, height: number): ImageBitmap {
  const factor = Math.min(1, PREVIEW / Math.max(width, height));
  const [columns, rows] = [Math.max(1, Math.round(factor * width)), Math.max(1, Math.round(factor * height))];
  const samples = new Uint8ClampedArray(4 * columns * rows);
  for (let row = 0; row < rows; row++) {
    const line = Math.floor(((row + 0.5) * height) / rows) * width;
    for (let column = 0; column < columns; column++)
      if (mask[line + Math.floor(((column + 0.5) * width) / columns)])
        samples.set([...HOLE, 255], 4 * (row * columns + column));
  }
  return canvasOf({ width: columns, height: rows, samples }).transferToImageBitmap();
}

function say(progress: string): void {
  post({ progress });
}

function post(reply: Reply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}

async function answer({ number, name, request }: Posted): Promise<void> {
  try {
    const value = await handlers[name](request as never);
    post({ number, answer: value }, Object.values(value).filter((item) => item instanceof ImageBitmap));
  } catch (error) {
    post({ number, failure: explained(error) });
  }
}

// One request at a time: each works on the same picture.
let last: Promise<void> = Promise.resolve();
self.addEventListener("message", (event: MessageEvent<Posted>) => {
  last = last.then(() => answer(event.data));
});

