import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";

import { encodePng } from "../src/core/png.js";

/** Read what `encodePng` writes: chunks with their sums, then rows of Paeth's differences. */
async function decoded(blob: Blob, channels: number): Promise<{ width: number; pixels: number[] }> {
  const file = Buffer.from(await blob.arrayBuffer());
  const data: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const end = at + 8 + file.readUInt32BE(at);
    assert.equal(file.readUInt32BE(end), crc32(file.subarray(at + 4, end)));
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") data.push(file.subarray(at + 8, end));
  }
  const width = file.readUInt32BE(16);
  const rows = inflateSync(Buffer.concat(data));
  const length = channels * width;
  const pixels: number[] = [];
  rows.forEach((byte, at) => {
    const x = (at % (length + 1)) - 1;
    if (x < 0) {
      assert.equal(byte, 4);
      return;
    }
    const here = pixels.length;
    const left = x >= channels ? pixels[here - channels]! : 0;
    const up = pixels[here - length] ?? 0;
    const corner = x >= channels ? (pixels[here - length - channels] ?? 0) : 0;
    const nearest = [left, up, corner].reduce((best, value) =>
      Math.abs(left + up - corner - value) < Math.abs(left + up - corner - best) ? value : best,
    );
    pixels.push((byte + nearest) & 255);
  });
  return { width, pixels };
}

test("RGB of RGBA samples comes back", async () => {
  const samples = Uint8ClampedArray.from({ length: 4 * 70 * 130 }, (_, at) => (at * at) % 251);
  const blob = await encodePng(70, 130, samples, 3, 4);
  const { width, pixels } = await decoded(blob, 3);
  assert.equal(width, 70);
  assert.deepEqual(pixels, [...samples].filter((_, at) => at % 4 < 3));
});

test("a grey mask comes back", async () => {
  const mask = Uint8Array.from({ length: 33 * 9 }, (_, at) => (at % 7 < 3 ? 255 : 0));
  const { pixels } = await decoded(await encodePng(33, 9, mask, 1, 1), 1);
  assert.deepEqual(pixels, [...mask]);
});
