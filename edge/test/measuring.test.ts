import assert from "node:assert/strict";
import { test } from "node:test";

import { count, warmUp, type Call, type Plan } from "../src/core/measuring.js";

const PLAN: Plan = {
  tier: "rapid",
  sessions: 1,
  runs: 6,
  seconds: 4,
  limit_s: null,
  floor_runs: 2,
  slow_s: 30,
  warmup_rounds: 5,
  warmup_s: 100,
  steady: 0.05,
};

/** Takes the listed seconds in turn, the last for ever. */
function taking(...seconds: number[]): Call {
  let made = 0;
  return (input) => Promise.resolve({ input, e2e_s: seconds[Math.min(made++, seconds.length - 1)]!, model_s: 0 });
}

test("the warm-up ends when two rounds agree", async () => {
  assert.deepEqual(await warmUp(taking(5, 2, 1, 1), 1, PLAN), { seconds: [5, 2, 1, 1], steady: true });
});

test("the warm-up ends with its rounds or its seconds", async () => {
  const restless = taking(9, 1, 9, 1, 9, 1, 9);
  assert.deepEqual(await warmUp(restless, 1, PLAN), { seconds: [9, 1, 9, 1, 9], steady: false });
  assert.deepEqual(await warmUp(taking(101), 1, PLAN), { seconds: [101], steady: null });
});

test("runs are counted in whole rounds until both bounds are met", async () => {
  const { runs, end } = await count(taking(1), 2, PLAN);
  assert.deepEqual(runs.map((run) => run.input), [0, 1, 0, 1, 0, 1]);
  assert.equal(end, "complete");
  assert.equal((await count(taking(0.5), 2, PLAN)).runs.length, 8);
});

test("slow runs and a limit end it early, not below the floor", async () => {
  assert.deepEqual(await count(taking(31), 1, PLAN).then(({ runs, end }) => [runs.length, end]), [2, "slow"]);
  const limited = await count(taking(1), 1, { ...PLAN, runs: 50, limit_s: 3 });
  assert.deepEqual([limited.runs.length, limited.end], [3, "limit"]);
});
