/** Pixels of files and pixels to be shown. */

import type { Picture } from "./core/working.js";

/** Decode to sRGB with the orientation that the file states. */
export async function decoded(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error("the file cannot be decoded as a picture, or is too large for this browser; try PNG or JPEG");
  }
}

export function samplesOf(bitmap: ImageBitmap): Uint8ClampedArray<ArrayBuffer> {
  const { width, height } = bitmap;
  const context = contextOf(new OffscreenCanvas(width, height));
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

export function canvasOf({ width, height, samples }: Picture): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  contextOf(canvas).putImageData(new ImageData(samples, width, height), 0, 0);
  return canvas;
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  // In memory: the samples are read back and must not pass through a graphics card.
  const context = canvas.getContext("2d", { colorSpace: "srgb", willReadFrequently: true });
  if (!context) throw new Error(`this browser has no canvas of ${canvas.width} × ${canvas.height} pixels`);
  return context;
}
