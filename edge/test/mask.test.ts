import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, fromSamples, missing, type Operation } from "../src/core/mask.js";

const dot = (x: number, y: number, radius: number, erase = false): Operation => ({
  kind: "stroke",
  erase,
  radius,
  points: [x, y],
});

test("a disc holds the pixels whose centres it holds", () => {
  const mask = drawn(9, 7, [dot(4.5, 3.5, 2)], []);
  const rows = Array.from({ length: 7 }, (_, y) => mask.slice(9 * y, 9 * (y + 1)).join(""));
  assert.deepEqual(rows, ["000000000", "000010000", "000111000", "001111100", "000111000", "000010000", "000000000"]);
});

test("a stroke joins its points, and is cut at the border", () => {
  const mask = drawn(20, 5, [{ kind: "stroke", erase: false, radius: 1, points: [-4, 2.5, 30, 2.5] }], []);
  assert.equal(missing(mask), 20 * 3);
});

test("operations follow one another", () => {
  const half = Uint8Array.from({ length: 100 }, (_, at) => (at % 10 < 5 ? 1 : 0));
  const stored: Operation = { kind: "stored", number: 0 };
  assert.equal(missing(drawn(10, 10, [stored], [half])), 50);
  assert.equal(missing(drawn(10, 10, [stored, dot(0, 5, 20, true)], [half])), 0);
  assert.equal(missing(drawn(10, 10, [dot(5, 5, 20), { kind: "clear" }, stored], [half])), 50);
});

test("a preset is stretched by nearest pixels", () => {
  const samples = Uint8ClampedArray.of(255, 255, 255, 255, 0, 0, 0, 255, 127, 127, 127, 255, 128, 128, 128, 255);
  const mask = fromSamples(samples, { width: 2, height: 2 }, 4, 2);
  assert.deepEqual([...mask], [1, 1, 0, 0, 0, 0, 1, 1]);
});
