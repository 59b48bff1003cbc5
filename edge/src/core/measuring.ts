/** One session of the latency protocol, as `leaderboard/latency/session.py`: cold, warm-up, counted runs. */

/** How often; see `leaderboard/latency/plan.py`. */
export interface Plan {
  readonly tier: string;
  readonly sessions: number;
  readonly runs: number;
  readonly seconds: number;
  readonly limit_s: number | null;
  readonly floor_runs: number;
  readonly slow_s: number;
  readonly warmup_rounds: number;
  readonly warmup_s: number;
  readonly steady: number;
}

/** One counted run; the method's own clock is the network's. */
export interface Run {
  readonly input: number;
  readonly e2e_s: number;
  readonly model_s: number;
}

/** Makes a run of an input, altered anew, or as in the run before. */
export type Call = (input: number, again: boolean) => Promise<Run>;

export interface Warmed {
  readonly seconds: number[];
  readonly steady: boolean | null;
}

/** Run each of `inputs` once. */
export async function round(call: Call, inputs: number): Promise<Run[]> {
  const runs: Run[] = [];
  for (let input = 0; input < inputs; input++) runs.push(await call(input, false));
  return runs;
}

/** Make uncounted rounds until two in a row agree, or the plan's bounds are reached. */
export async function warmUp(call: Call, inputs: number, plan: Plan): Promise<Warmed> {
  const seconds: number[] = [];
  let steady: boolean | null = null;
  let spent = 0;
  do {
    const total = sum(await round(call, inputs));
    const before = seconds.at(-1);
    seconds.push(total);
    spent += total;
    if (before !== undefined) steady = Math.abs(total - before) < plan.steady * before;
  } while (steady !== true && seconds.length < plan.warmup_rounds && spent < plan.warmup_s);
  return { seconds, steady };
}

/** Make counted rounds until the plan has enough; `end` says what ended them. */
export async function count(call: Call, inputs: number, plan: Plan): Promise<{ runs: Run[]; end: string }> {
  const runs: Run[] = [];
  let spent = 0;
  for (;;) {
    const made = await round(call, inputs);
    runs.push(...made);
    spent += sum(made);
    if (runs.length >= plan.runs && spent >= plan.seconds) return { runs, end: "complete" };
    if (runs.length < plan.floor_runs) continue;
    if (Math.max(...made.map((run) => run.e2e_s)) > plan.slow_s) return { runs, end: "slow" };
    if (plan.limit_s !== null && spent >= plan.limit_s) return { runs, end: "limit" };
  }
}

function sum(runs: readonly Run[]): number {
  return runs.reduce((total, run) => total + run.e2e_s, 0);
}
