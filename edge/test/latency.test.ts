import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { agreement, mirrored, unpacked, type Frame } from "../src/core/frames.js";
import { sha256 } from "../src/core/sha256.js";
import { drift, flags, powerLaw, quantile, spread, type Observed } from "../src/core/statistics.js";

test("hashes are SHA-256 at every length of the last block", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (31 * at + length) & 255);
    assert.equal(sha256(bytes), createHash("sha256").update(bytes).digest("hex"));
  }
});

test("quantiles, deviation and drift are numpy's", () => {
  const seconds = [0.4, 0.1, 0.2, 0.8];
  assert.ok(Math.abs(quantile(seconds, 0.9) - 0.68) < 1e-12);
  const { n, p50_s, p99_s, deviation_s } = spread(seconds)!;
  assert.deepEqual([n, p99_s], [4, null]);
  assert.ok(Math.abs(p50_s - 0.3) < 1e-12);
  assert.ok(Math.abs(deviation_s - 0.26809513236909) < 1e-12);
  assert.equal(spread([]), null);
  assert.equal(drift([1, 1, 2]), 2);
});

test("the exponent is that of scipy's linregress with Student's t", () => {
  const fit = powerLaw([[100, 1], [1000, 2], [10000, 8]])!;
  assert.ok(Math.abs(fit.slope - 0.4515449934959717) < 1e-12);
  assert.ok(Math.abs(fit.low! + 0.6526226036442848) < 1e-9);
  assert.equal(powerLaw([[100, 1], [1000, 10]])!.low, null);
  assert.equal(powerLaw([[100, 1]]), null);
});

test("flags say what to doubt", () => {
  const calm: Observed = { p50_s: 1, drift: 1, repeated_s: 1, output_moved: false, steady: true, end: "complete", timer_s: 0 };
  assert.deepEqual(flags([calm, calm], [1, 1], 0.01), []);
  const odd: Observed = { ...calm, drift: 2, repeated_s: 0.1, output_moved: true, steady: false, end: "limit", timer_s: 0.1 };
  const all = ["remembers", "asynchronous", "unrepeated", "unsteady", "throttled", "short", "coarse"];
  assert.deepEqual(flags([odd], [1], 0.01), all);
  assert.deepEqual(flags([calm, { ...calm, p50_s: 1.2 }], [1], 0.01), ["unstable"]);
});

test("scenes are mirrored with their edges twice", () => {
  const scene = Uint8ClampedArray.from([1, 2, 3, 4].flatMap((value) => [value, value, value, 255]));
  const samples = mirrored(scene, 2, 5, 3);
  const red = [...samples].filter((_, at) => at % 4 === 0);
  assert.deepEqual(red, [1, 2, 2, 1, 1, 3, 4, 4, 3, 3, 3, 4, 4, 3, 3]);
});

const FRAME = { hole_pixels: 4, step: 2, expected: btoa("\x0a\x0a\x0a\x14\x14\x14"), other: { at: [1], rgb: btoa("\x1e\x1e\x1e") } };

test("a fill agrees with either answer, to one grey level, where known pixels are the picture's", () => {
  const mask = unpacked(Uint8Array.of(1, 4, 1), 6);
  assert.deepEqual([...mask], [0, 1, 1, 1, 1, 0]);
  const given = new Uint8ClampedArray(24).fill(7);
  const filled = given.slice();
  const set = (pixel: number, value: number): unknown => filled.fill(value, 4 * pixel, 4 * pixel + 3);
  const found = (): number => agreement(filled, given, mask, FRAME as unknown as Frame);
  set(1, 11);
  set(3, 19);
  assert.equal(found(), 1);
  set(3, 30);
  assert.equal(found(), 1);
  set(3, 25);
  assert.equal(found(), 0.5);
  set(5, 8);
  assert.equal(found(), 0);
});

test("a mask whose runs do not fill the picture is damaged", () => {
  assert.throws(() => unpacked(Uint8Array.of(1, 4), 6), /damaged/);
  assert.equal(unpacked(Uint8Array.of(0x80, 1, 72), 200).filter(Boolean).length, 72);
});
