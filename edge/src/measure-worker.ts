/** One session of the latency protocol, in a worker of its own: cold, checked, warmed up, counted. */

import { decoded, samplesOf } from "./canvas.js";
import { fill, WORKING_RESOLUTION } from "./core/fill.js";
import { agreement, mirrored, rgbOf, unpacked, type Frame } from "./core/frames.js";
import { count, warmUp, type Call, type Plan, type Run } from "./core/measuring.js";
import type { Report } from "./core/result.js";
import { Room } from "./core/room.js";
import { gunzip, openNetwork } from "./core/session.js";
import { sha256 } from "./core/sha256.js";
import { isMemory } from "./failure.js";

/** What the page asks of a session. */
export interface SessionRequest {
  readonly plan: Plan;
  readonly threads: number;
  /** Frame of the ladder; null where `df8k edge bench` gives pictures. */
  readonly frame: Frame | null;
  /** Sizes of the pictures that the command gives. */
  readonly pictures: readonly { readonly width: number; readonly height: number }[];
}

/** What a session tells: news, or how it ended. */
export type SessionNews =
  | { readonly progress: string }
  | { readonly report: Report }
  | { readonly failure: string; readonly memory: boolean };

interface Input {
  readonly width: number;
  readonly height: number;
  /** Never handed out itself. */
  readonly samples: Uint8ClampedArray<ArrayBuffer>;
  readonly mask: Uint8Array<ArrayBuffer>;
  /** Pixels beside the hole, which a later call may lose. */
  readonly edge: Int32Array;
}

const BASE = new URL(".", self.location.href);
const ALTERED_PIXELS = 64;
const GROWN_PIXELS = 8;
const SETTLE_MS = 750;
const ALIVE_MS = 10_000;

self.addEventListener("message", (event: MessageEvent<SessionRequest>) => {
  say("starting");
  void session(event.data).then(
    (report) => { post({ report }); },
    (error: unknown) => {
      post({ failure: error instanceof Error ? error.message : String(error), memory: isMemory(error) });
    },
  );
});

async function session({ plan, threads, frame, pictures }: SessionRequest): Promise<Report> {
  const inputs: Input[] = [];
  if (frame) inputs.push(await inputOf(frame));
  else for (const [number, size] of pictures.entries()) inputs.push(await givenInput(number, size.width, size.height));
  const opened = await openNetwork(BASE, threads, say, true);
  // Calls of a size share memory: fresh memory would be timed too.
  let room: Room | null = null;
  let alteration: Alteration | null = null;

  const lent = ({ width, height, samples, mask }: Input): Room => {
    if (room?.width !== width || room.height !== height) room = new Room(width, height, WORKING_RESOLUTION);
    room.samples.set(samples);
    room.mask.set(mask);
    return room;
  };
  let told = performance.now();
  const call: Call = async (number, again): Promise<Run> => {
    if (performance.now() - told > ALIVE_MS) {
      await send("alive", "", frame);
      say("measuring");
      told = performance.now();
    }
    const input = inputs[number]!;
    const lending = lent(input);
    if (!again || !alteration) alteration = draw(input);
    apply(alteration, lending);
    const start = performance.now();
    const timing = await fill(lending, opened.network);
    const end = performance.now();
    return { input: number, e2e_s: (end - start) / 1e3, model_s: timing.network };
  };

  say("first call");
  const first = await call(0, false);
  let agreeing: number | null = null;
  for (const [number, input] of inputs.entries()) {
    const { samples } = lent(input);
    await fill(room!, opened.network);
    if (frame) agreeing = agreement(samples, input.samples, input.mask, frame);
    else await send(`filled/${number}`, samples, frame);
  }
  say("warm-up");
  const warmed = await warmUp(call, inputs.length, plan);
  await call(0, false);
  const before = checksum(room!);
  await send("rest", "", frame);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await send("rested", "", frame);
  const moved = checksum(room!) !== before;
  say("counted runs");
  await send("begin", "", frame);
  const start = performance.now();
  const counted = await count(call, inputs.length, plan);
  const wall = (performance.now() - start) / 1e3;
  await send("end", "", frame);
  const repeated = await call(counted.runs.at(-1)!.input, true);
  return {
    page_s: 0,
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
    agreement: agreeing,
  };
}

/** Make a frame of the ladder, and check that it is Python's. */
async function inputOf(frame: Frame): Promise<Input> {
  say("drawing the scene");
  const { width, height, scene: side } = frame;
  const scene = samplesOf(await decoded(await (await asked(`frames/${side}.png`)).blob()));
  const packed = await (await asked(`frames/${frame.size}.mask.gz`)).arrayBuffer();
  const mask = unpacked(new Uint8Array(await gunzip(packed)), width * height);
  if (sha256(rgbOf(scene)) !== frame.scene_sha256 || sha256(mask) !== frame.mask_sha256)
    throw new Error("this browser decodes the scene or its mask otherwise than Python; its times would not compare");
  const samples = mirrored(scene, side, width, height);
  for (let pixel = 0; pixel < mask.length; pixel++) if (mask[pixel]) samples.fill(0, 4 * pixel, 4 * pixel + 3);
  return withEdge(width, height, samples, mask);
}

async function givenInput(number: number, width: number, height: number): Promise<Input> {
  const rgb = new Uint8Array(await (await asked(`job/image/${number}`)).arrayBuffer());
  const mask = new Uint8Array(await (await asked(`job/mask/${number}`)).arrayBuffer());
  const samples = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    samples[4 * pixel] = rgb[3 * pixel]!;
    samples[4 * pixel + 1] = rgb[3 * pixel + 1]!;
    samples[4 * pixel + 2] = rgb[3 * pixel + 2]!;
    samples[4 * pixel + 3] = 255;
  }
  return withEdge(width, height, samples, mask);
}

function withEdge(
  width: number,
  height: number,
  samples: Uint8ClampedArray<ArrayBuffer>,
  mask: Uint8Array<ArrayBuffer>,
): Input {
  const edge: number[] = [];
  for (let pixel = width; pixel < width * height; pixel++)
    if (mask[pixel] !== mask[pixel - width]) edge.push(mask[pixel] ? pixel - width : pixel);
  return { width, height, samples, mask, edge: Int32Array.from(edge) };
}

/** Known pixels that change by one grey level, and known pixels that the hole takes. */
interface Alteration {
  readonly changed: readonly number[];
  readonly lost: readonly number[];
}

/** Choose up to 64 pixels to change and up to eight to lose: no answer can be remembered. */
function draw({ mask, edge }: Input): Alteration {
  const any = (length: number): number => Math.floor(Math.random() * length);
  const most = Math.min(GROWN_PIXELS, edge.length);
  const grown = most - any(most / 2 + 1);
  return {
    changed: Array.from({ length: ALTERED_PIXELS }, () => any(mask.length)).filter((pixel) => !mask[pixel]),
    lost: Array.from({ length: grown }, () => edge[any(edge.length)]!),
  };
}

function apply({ changed, lost }: Alteration, { samples, mask }: Room): void {
  for (const pixel of changed)
    for (let at = 4 * pixel; at < 4 * pixel + 3; at++) samples[at] = samples[at]! > 0 ? samples[at]! - 1 : 1;
  for (const pixel of lost) {
    mask[pixel] = 1;
    samples.fill(0, 4 * pixel, 4 * pixel + 3);
  }
}

function checksum({ samples }: Room): number {
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

function say(progress: string): void {
  post({ progress });
}

function post(news: SessionNews): void {
  self.postMessage(news);
}

async function asked(name: string): Promise<Response> {
  const response = await fetch(new URL(name, BASE));
  if (!response.ok) throw new Error(`${name} cannot be fetched (${response.status}); reload the page`);
  return response;
}

/** Tell the command, and wait until it has looked; a session of the ladder has none. */
async function send(name: string, body: string | Uint8ClampedArray<ArrayBuffer>, frame: Frame | null): Promise<void> {
  if (!frame) await fetch(new URL(`job/${name}`, BASE), { method: "POST", body });
}
