/** Figures from runs, as `leaderboard/latency/summary.py` computes them again when the file is checked. */

/** One counted run; see `RunRow` in `leaderboard/latency/results.py`. */
export interface RunRow {
  readonly series: "ladder";
  readonly size: string;
  readonly session: number;
  readonly input: number;
  readonly hole_pixels: number;
  readonly e2e_s: number;
  readonly call_s: number;
  readonly model_s: number;
}

export interface Spread {
  readonly n: number;
  readonly p50_s: number;
  readonly p90_s: number;
  readonly p99_s: number | null;
  readonly mean_s: number;
  readonly deviation_s: number;
  readonly least_s: number;
}

/** What the flags of a size follow from. */
export interface Observed {
  readonly p50_s: number;
  readonly drift: number;
  readonly repeated_s: number;
  readonly output_moved: boolean;
  readonly steady: boolean | null;
  readonly end: string;
  readonly timer_s: number;
}

export interface Fit {
  readonly slope: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly intercept: number;
  readonly r2: number;
  readonly points: number;
}

// Of Student's t at 0.975, for one degree of freedom, two, …: a ladder has seven sizes.
const STUDENT = [12.706204736174698, 4.302652729749464, 3.182446305283708, 2.776445105197793, 2.570581835636315];

/** Compute a quantile between the nearest values. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = fraction * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - low);
}

/** Compute quantiles of runs; null without any. */
export function spread(seconds: readonly number[]): Spread | null {
  const n = seconds.length;
  if (n === 0) return null;
  const mean = sum(seconds) / n;
  return {
    n,
    p50_s: quantile(seconds, 0.5),
    p90_s: quantile(seconds, 0.9),
    p99_s: n < 100 ? null : quantile(seconds, 0.99),
    mean_s: mean,
    deviation_s: Math.sqrt(sum(seconds.map((value) => (value - mean) ** 2)) / n),
    least_s: Math.min(...seconds),
  };
}

/** Divide the last tenth of a session's runs of one picture by the first, in medians. */
export function drift(seconds: readonly number[]): number {
  const tenth = Math.max(1, Math.floor(seconds.length / 10));
  return quantile(seconds.slice(-tenth), 0.5) / quantile(seconds.slice(0, tenth), 0.5);
}

/** List why the figures of a size must be read with care. */
export function flags(sessions: readonly Observed[], seconds: readonly number[], coarse: number): string[] {
  const fastest = Math.min(...seconds);
  const apart = repeatability(sessions);
  const flagged = {
    remembers: sessions.some(({ repeated_s }) => repeated_s < 0.25 * fastest && fastest - repeated_s > 0.02),
    asynchronous: sessions.some((session) => session.output_moved),
    unrepeated: apart === null,
    unstable: apart !== null && apart > 0.05,
    unsteady: sessions.some((session) => session.steady === false),
    throttled: sessions.some((session) => session.drift > 1.1),
    short: sessions.some((session) => session.end === "limit"),
    coarse: sessions.some((session) => session.timer_s > coarse * session.p50_s),
  };
  return Object.entries(flagged).filter(([, applies]) => applies).map(([name]) => name);
}

/** Divide the slowest median of a session by the fastest, less 1; null for one session. */
export function repeatability(sessions: readonly Observed[]): number | null {
  const medians = sessions.map((session) => session.p50_s);
  return medians.length > 1 ? Math.max(...medians) / Math.min(...medians) - 1 : null;
}

/** Fit a line to log seconds against log pixels, with the 95 % interval of its slope; null for fewer than two. */
export function powerLaw(points: readonly (readonly [pixels: number, seconds: number])[]): Fit | null {
  const n = points.length;
  if (new Set(points.map(([pixels]) => pixels)).size < 2) return null;
  const logs = points.map(([pixels, seconds]) => [Math.log(pixels), Math.log(seconds)] as const);
  const x = sum(logs.map(([a]) => a)) / n;
  const y = sum(logs.map(([, b]) => b)) / n;
  const xx = sum(logs.map(([a]) => (a - x) ** 2));
  const yy = sum(logs.map(([, b]) => (b - y) ** 2));
  const xy = sum(logs.map(([a, b]) => (a - x) * (b - y)));
  const slope = xy / xx;
  const r2 = yy > 0 ? Math.min(1, xy ** 2 / (xx * yy)) : 0;
  const half = n > 2 ? STUDENT[n - 3]! * Math.sqrt(((1 - r2) * yy) / xx / (n - 2)) : null;
  return {
    slope,
    low: half === null ? null : slope - half,
    high: half === null ? null : slope + half,
    intercept: y - slope * x,
    r2,
    points: n,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
