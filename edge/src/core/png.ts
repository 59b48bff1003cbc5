/** PNG files, written strip by strip: canvases would add a fourth channel and a copy of the picture. */

const STRIP_ROWS = 64;
const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * Encode 8-bit samples.
 *
 * @param pixels samples in row order; the first `channels` of every `stride` are written: 1 is grey, 3 is RGB.
 */
export async function encodePng(
  width: number,
  height: number,
  pixels: Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>,
  channels: 1 | 3,
  stride: number,
): Promise<Blob> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  header.setUint8(9, channels === 3 ? 2 : 0);
  const compression = new CompressionStream("deflate");
  const writer = compression.writable.getWriter();
  const written = (async () => {
    for (let row = 0; row < height; row += STRIP_ROWS)
      await writer.write(filtered(width, row, Math.min(row + STRIP_ROWS, height), pixels, channels, stride));
    await writer.close();
  })();
  const parts: Uint8Array<ArrayBuffer>[] = [SIGNATURE, chunk("IHDR", new Uint8Array(header.buffer))];
  const reader = compression.readable.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) parts.push(chunk("IDAT", read.value));
  await written;
  return new Blob([...parts, chunk("IEND", new Uint8Array())], { type: "image/png" });
}

/** Lay out rows `first` to `last`, each less Paeth's prediction. */
function filtered(
  width: number,
  first: number,
  last: number,
  pixels: Uint8Array | Uint8ClampedArray,
  channels: number,
  stride: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((last - first) * (1 + channels * width));
  let at = 0;
  for (let y = first; y < last; y++) {
    bytes[at++] = 4;
    for (let x = 0; x < width; x++) {
      const here = stride * (y * width + x);
      for (let channel = 0; channel < channels; channel++) {
        const left = x ? pixels[here - stride + channel]! : 0;
        const up = y ? pixels[here - stride * width + channel]! : 0;
        const corner = x && y ? pixels[here - stride * (width + 1) + channel]! : 0;
        const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
        const predicted = a <= b && a <= c ? left : b <= c ? up : corner;
        bytes[at++] = pixels[here + channel]! - predicted;
      }
    }
  }
  return bytes;
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let n = 0; n < 4; n++) bytes[4 + n] = type.charCodeAt(n);
  bytes.set(data, 8);
  let crc = 0xffffffff;
  for (let n = 4; n < 8 + data.length; n++) crc = CRCS[(crc ^ bytes[n]!) & 255]! ^ (crc >>> 8);
  view.setUint32(8 + data.length, ~crc >>> 0);
  return bytes;
}
