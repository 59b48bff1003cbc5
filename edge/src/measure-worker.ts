/** One session of `df8k edge bench`: pictures from the command, times and filled pictures back to it. */

import { fill } from "./core/fill.js";
import { count, warmUp, type Call, type Plan, type Run } from "./core/measuring.js";
import { openNetwork } from "./core/session.js";
import type { Picture } from "./core/working.js";

/** What the command asks for. */
interface Job {
  readonly plan: Plan;
  readonly threads: number;
  readonly pictures: readonly { readonly width: number; readonly height: number }[];
}

interface Input {
  readonly picture: Picture;
  readonly mask: Uint8Array;
  /** Pixels beside the hole, which a later call may lose. */
  readonly edge: Int32Array;
}

const BASE = new URL(".", self.location.href);
const ALTERED_PIXELS = 64;
const GROWN_PIXELS = 8;
const SETTLE_MS = 750;
const ALIVE_MS = 10_000;

self.addEventListener("message", (event: MessageEvent<number>) => {
  void session(event.data).then(
    (report) => send("report", JSON.stringify(report)),
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      const memory = error instanceof RangeError || /memory|allocation/i.test(text);
      return send("report", JSON.stringify({ failure: text, memory }));
    },
  );
});

async function session(pageSeconds: number): Promise<object> {
  const job = (await (await ask("plan.json")).json()) as Job;
  const inputs: Input[] = [];
  for (const [number, size] of job.pictures.entries()) inputs.push(await inputOf(number, size.width, size.height));
  const opened = await openNetwork(BASE, job.threads, say);
  let altered: { picture: Picture; mask: Uint8Array } | null = null;
  let filled: Picture | null = null;

  let told = performance.now();
  const call: Call = async (number, again): Promise<Run> => {
    if (performance.now() - told > ALIVE_MS) {
      await send("alive", "");
      told = performance.now();
    }
    const input = inputs[number]!;
    if (!again || !altered) altered = alter(input);
    const picture: Picture = { ...altered.picture, samples: altered.picture.samples.slice() };
    const start = performance.now();
    const timing = await fill(picture, altered.mask, opened.network);
    const end = performance.now();
    filled = picture;
    return { input: number, e2e_s: (end - start) / 1e3, model_s: timing.network };
  };

  say("first call");
  const first = await call(0, false);
  for (const [number, { picture, mask }] of inputs.entries()) {
    const whole: Picture = { ...picture, samples: picture.samples.slice() };
    await fill(whole, mask, opened.network);
    await send(`filled/${number}`, whole.samples);
  }
  say("warm-up");
  const warmed = await warmUp(call, inputs.length, job.plan);
  await call(0, false);
  const before = checksum(filled!);
  await send("rest", "");
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await send("rested", "");
  const moved = checksum(filled!) !== before;
  say("counted runs");
  await send("begin", "");
  const start = performance.now();
  const counted = await count(call, inputs.length, job.plan);
  const wall = (performance.now() - start) / 1e3;
  await send("end", "");
  const repeated = await call(counted.runs.at(-1)!.input, true);
  say("done");
  return {
    page_s: pageSeconds,
    load_s: opened.downloadSeconds + opened.compileSeconds,
    download_s: opened.downloadSeconds,
    first_call_s: first.e2e_s,
    warmup_s: warmed.seconds,
    steady: warmed.steady,
    runs: counted.runs,
    end: counted.end,
    wall_s: wall,
    output_moved: moved,
    repeated_s: repeated.e2e_s,
    threads: opened.threads,
    isolated: self.crossOriginIsolated,
    processors: navigator.hardwareConcurrency,
    browser: navigator.userAgent,
    runtime: opened.runtime,
    timer_s: timerStep(),
  };
}

async function inputOf(number: number, width: number, height: number): Promise<Input> {
  const rgb = new Uint8Array(await (await ask(`image/${number}`)).arrayBuffer());
  const mask = new Uint8Array(await (await ask(`mask/${number}`)).arrayBuffer());
  const samples = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    samples[4 * pixel] = rgb[3 * pixel]!;
    samples[4 * pixel + 1] = rgb[3 * pixel + 1]!;
    samples[4 * pixel + 2] = rgb[3 * pixel + 2]!;
    samples[4 * pixel + 3] = 255;
  }
  const edge: number[] = [];
  for (let pixel = width; pixel < width * height; pixel++)
    if (mask[pixel] !== mask[pixel - width]) edge.push(mask[pixel] ? pixel - width : pixel);
  return { picture: { width, height, samples }, mask, edge: Int32Array.from(edge) };
}

/** Change up to 64 known pixels by one grey level and lose up to eight more: no answer can be remembered. */
function alter({ picture, mask, edge }: Input): { picture: Picture; mask: Uint8Array } {
  const samples = picture.samples.slice();
  const hole = mask.slice();
  for (let n = 0; n < ALTERED_PIXELS; n++) {
    const pixel = Math.floor(Math.random() * mask.length);
    if (mask[pixel]) continue;
    for (let at = 4 * pixel; at < 4 * pixel + 3; at++) samples[at] = samples[at]! > 0 ? samples[at]! - 1 : 1;
  }
  const most = Math.min(GROWN_PIXELS, edge.length);
  const grown = most - Math.floor(Math.random() * (most / 2 + 1));
  for (let n = 0; n < grown; n++) {
    const pixel = edge[Math.floor(Math.random() * edge.length)]!;
    hole[pixel] = 1;
    samples.fill(0, 4 * pixel, 4 * pixel + 3);
  }
  return { picture: { ...picture, samples }, mask: hole };
}

function checksum({ samples }: Picture): number {
  let sum = 0;
  for (const sample of samples) sum = (Math.imul(sum, 31) + sample) | 0;
  return sum;
}

/** Measure the smallest step of the clock, which browsers make coarse. */
function timerStep(): number {
  let least = Infinity;
  for (let n = 0; n < 20; n++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    least = Math.min(least, now - start);
  }
  return least / 1e3;
}

function say(text: string): void {
  self.postMessage(text);
}

async function ask(name: string): Promise<Response> {
  const response = await fetch(new URL(`job/${name}`, BASE));
  if (!response.ok) throw new Error("no measurement is asked for here: df8k edge bench starts one");
  return response;
}

async function send(name: string, body: string | Uint8ClampedArray<ArrayBuffer>): Promise<void> {
  await fetch(new URL(`job/${name}`, BASE), { method: "POST", body });
}

