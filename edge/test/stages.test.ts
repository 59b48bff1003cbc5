import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { fill } from "../src/core/fill.js";
import { cellShifts, copiedCells } from "../src/core/matching.js";
import { paintEnlarged } from "../src/core/enlarging.js";
import { Room } from "../src/core/room.js";
import { holeTokens, networkInputs, validTokens } from "../src/core/working.js";

type Stored = Record<string, string> & { width: number; height: number; resolution: number };

const CASES = JSON.parse(gunzipSync(readFileSync("test/stages.json.gz")).toString()) as Stored[];

const bytes = (stored: Stored, name: string): Uint8Array => new Uint8Array(Buffer.from(stored[name]!, "base64"));
const floats = (stored: Stored, name: string): Float32Array => new Float32Array(bytes(stored, name).buffer);
const integers = (stored: Stored, name: string): Int32Array => new Int32Array(bytes(stored, name).buffer);

function room(stored: Stored, name = "image"): Room {
  const { width, height, resolution } = stored;
  const made = new Room(width, height, resolution);
  made.samples.fill(255);
  bytes(stored, name).forEach((value, at) => (made.samples[4 * Math.floor(at / 3) + (at % 3)] = value));
  made.mask.set(bytes(stored, "mask"));
  return made;
}

for (const stored of CASES) {
  const { width, height } = stored;
  const filled = room(stored);
  const working = filled.reduced();

  test(`${width} x ${height}: the working picture is Python's`, () => {
    assert.deepEqual(working.hole, bytes(stored, "hole"));
    assert.deepEqual(working.usable, bytes(stored, "usable"));
    const inputs = networkInputs(working);
    assert.deepEqual(inputs.image, floats(stored, "network_image"));
    assert.deepEqual(inputs.mask, floats(stored, "network_mask"));
    assert.deepEqual(holeTokens(working), integers(stored, "holes"));
    assert.deepEqual(validTokens(working), integers(stored, "valid"));
  });

  test(`${width} x ${height}: the filled picture is Python's, bit for bit`, () => {
    const low = floats(stored, "low");
    const holes = integers(stored, "holes");
    if (validTokens(working).length) {
      const shifts = cellShifts(working, holes, integers(stored, "sources"));
      const cells = copiedCells(working, low, shifts);
      assert.deepEqual(cells, bytes(stored, "cells"));
      filled.paint(working, cells, shifts);
    } else paintEnlarged(filled, working, low);
    assert.deepEqual(filled.samples, room(stored, "filled").samples);
  });
}

test("an empty hole asks no network and changes nothing", async () => {
  const stored = CASES[0]!;
  const whole = room(stored);
  whole.mask.fill(0);
  await fill(whole, () => assert.fail("the network was asked"));
  assert.deepEqual(whole.samples, room(stored).samples);
});
