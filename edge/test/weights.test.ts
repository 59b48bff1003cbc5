import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { graphWeights, type Layout } from "../src/core/weights.js";

const LAYOUT = JSON.parse(readFileSync("../leaderboard/edge/app/rethined.json", "utf8")) as Layout;

function shipped(): ArrayBuffer {
  return new Uint8Array(readFileSync("../baselines/rethined/weights.safetensors")).buffer;
}

test("the shipped weights are folded as Python folds them, bit for bit", () => {
  const digest = createHash("sha256").update(graphWeights(shipped(), LAYOUT)).digest("hex");
  assert.equal(digest, LAYOUT.sha256);
});

test("weights of another network are refused", () => {
  const tensors = { ...LAYOUT.tensors, "coarse.none.weight": { offset: 0, length: 4 } };
  assert.throws(() => graphWeights(shipped(), { ...LAYOUT, tensors }), /do not fit the graph: coarse\.none\.weight/);
});
