/** The page that measures: by its button, which `df8k edge bench` presses too, one session at a time. */

import type { Frame, Frames } from "./core/frames.js";
import type { Plan } from "./core/measuring.js";
import { latencyJson, TIMEOUT_S, type Report, type Row } from "./core/result.js";
import { describeDevice, stayAwake } from "./device.js";
import type { SessionNews, SessionRequest } from "./measure-worker.js";
import { forget, recall, remember, type Progress } from "./progress.js";
import { startOffline } from "./offline.js";
import { rowsOf } from "./table.js";

declare const DF8K: { version: string; home: string };

/** What `df8k edge bench` asks for. */
type Job = Pick<SessionRequest, "plan" | "threads" | "pictures">;

const MOST_THREADS = 8;
const AGAIN = "Measure again";
const TRIED_AGAIN: readonly Row["status"][] = ["crash", "timeout", "out-of-memory"];

const base = new URL(".", location.href);
const control = <Element extends HTMLElement>(id: string): Element => document.getElementById(id) as Element;
const measureButton = control<HTMLButtonElement>("measure");
const stopButton = control<HTMLButtonElement>("stop");
const saveButton = control<HTMLButtonElement>("save");
const status = control("status");

let frames: Frames;
let job: Job | null = null;
let progress: Progress | null = null;
let worker: Worker | null = null;

function say(text: string, fault = false): void {
  status.textContent = text;
  status.classList.toggle("fault", fault);
}

function refresh(state: string): void {
  document.documentElement.dataset["state"] = state;
  const busy = state === "busy";
  measureButton.disabled = busy;
  stopButton.disabled = !busy;
  saveButton.disabled = busy || !progress?.rows.some((row) => row.report);
  for (const id of ["largest", "tier", "label"]) control<HTMLSelectElement>(id).disabled = busy;
  control("rows").replaceChildren(...rowsOf(progress?.rows ?? []));
  control("table").hidden = !progress?.rows.length;
}

/** Run one session in a fresh worker; `page_s` is the time until it answered. */
function session(request: SessionRequest): Promise<Omit<Row, "size" | "attempts">> {
  return new Promise((resolve) => {
    const start = performance.now();
    let began = 0;
    let patience = 0;
    const done = (row: Omit<Row, "size" | "attempts">): void => {
      clearTimeout(patience);
      worker?.terminate();
      worker = null;
      resolve(row);
    };
    const wait = (): void => {
      clearTimeout(patience);
      const message = `the page said nothing for ${TIMEOUT_S} s`;
      patience = window.setTimeout(() => { done({ status: "timeout", message, report: null }); }, 1e3 * TIMEOUT_S);
    };
    worker = new Worker(new URL("measure-worker.js", base), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<SessionNews>) => {
      began ||= performance.now();
      wait();
      if ("progress" in data) say(`${request.frame ? `${request.frame.size}: ` : ""}${data.progress}`);
      else if ("failure" in data)
        done({ status: data.memory ? "out-of-memory" : "error", message: data.failure, report: null });
      else done(judged({ ...data.report, page_s: (began - start) / 1e3 }));
    });
    worker.addEventListener("error", (event) => {
      done({ status: "crash", message: event.message || "the worker ended by itself", report: null });
    });
    wait();
    worker.postMessage(request);
  });
}

/** Refuse the times of a page that fills otherwise than Python. */
function judged(report: Report): Omit<Row, "size" | "attempts"> {
  const { agreement } = report;
  if (agreement === null || agreement >= frames.agreeing) return { status: "ok", message: "", report };
  const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;
  const message = `${percent(agreement)} of the hole agree with Python; ${percent(frames.agreeing)} and all known pixels must`;
  return { status: "wrong-output", message, report: null };
}

/** Make the sessions that are missing; after a page that ended in the middle of one, that one is a crash. */
async function measure(): Promise<void> {
  if (job) {
    refresh("busy");
    const { report, status: ended, message } = await session({ ...job, frame: null });
    const body = JSON.stringify(report ?? { failure: message, memory: ended === "out-of-memory" });
    await fetch(new URL("job/report", base), { method: "POST", body });
    say(message || "done", message !== "");
    refresh("measured");
    return;
  }
  progress ??= { version: DF8K.version, plan: chosenPlan(), sizes: chosenSizes(), rows: [], pending: null };
  refresh("busy");
  const awake = await stayAwake();
  const threads = Math.min(navigator.hardwareConcurrency, MOST_THREADS);
  for (const size of progress.sizes) {
    const frame = frames.frames.find((other) => other.size === size)!;
    for (;;) {
      const own = progress.rows.filter((row) => row.size === size);
      if (own.length >= progress.plan.sessions || own.some((row) => row.status !== "ok")) break;
      progress.rows.push(await attempt(progress, { plan: progress.plan, threads, frame, pictures: [] }, frame));
      remember({ ...progress, pending: null });
      refresh("busy");
    }
  }
  await awake?.release();
  forget();
  measureButton.textContent = AGAIN;
  say("Measured. Save the file, and send it to a board.");
  refresh("measured");
}

/** Try once more, in a clean worker, what that may mend. */
async function attempt(kept: Progress, request: SessionRequest, frame: Frame): Promise<Row> {
  for (let attempts = 1; ; attempts++) {
    remember({ ...kept, pending: frame.size });
    const row = { size: frame.size, attempts, ...(await session(request)) };
    if (attempts === 2 || !TRIED_AGAIN.includes(row.status)) return row;
  }
}

function chosenPlan(): Plan {
  return frames.plans.find(({ tier }) => tier === control<HTMLSelectElement>("tier").value)!;
}

function chosenSizes(): (number | string)[] {
  const last = control<HTMLSelectElement>("largest").selectedIndex;
  return frames.frames.slice(0, last + 1).map(({ size }) => size);
}

async function save(): Promise<void> {
  const label = control<HTMLInputElement>("label").value;
  const { plan, rows } = progress!;
  const text = latencyJson(frames, plan, rows, await describeDevice(label), DF8K.version);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "edge.latency.json";
  link.click();
  setTimeout(() => { URL.revokeObjectURL(link.href); }, 60_000);
  say(`${link.download} was saved.`);
}

/** Go on with a measurement in whose middle the page ended: browsers end pages that take too much memory. */
function resume(): void {
  const kept = recall(DF8K.version);
  if (!kept) return;
  progress = { ...kept, pending: null };
  if (kept.pending !== null) {
    const message = "the browser ended the page, as it does when memory ends";
    progress.rows.push({ size: kept.pending, status: "crash", message, attempts: 1, report: null });
    remember(progress);
  }
  measureButton.textContent = "Go on";
  say("A measurement was begun here. Go on, or save what there is.");
}

async function start(): Promise<void> {
  const fetched = await fetch(new URL("frames.json", base));
  frames = (await fetched.json()) as Frames;
  for (const { size } of frames.frames) control<HTMLSelectElement>("largest").add(new Option(String(size), String(size)));
  control<HTMLSelectElement>("largest").value = "4096";
  for (const { tier } of frames.plans) control<HTMLSelectElement>("tier").add(new Option(tier, tier));
  control<HTMLSelectElement>("tier").value = "rapid";
  measureButton.addEventListener("click", () => {
    if (measureButton.textContent === AGAIN) progress = null;
    void measure();
  });
  stopButton.addEventListener("click", () => {
    if (progress) remember({ ...progress, pending: null });
    location.reload();
  });
  saveButton.addEventListener("click", () => void save());
  for (const id of ["largest", "tier"])
    control(id).addEventListener("change", () => {
      // Another plan is another measurement.
      progress = null;
      forget();
      measureButton.textContent = "Measure";
      refresh("ready");
    });
  control("facts").textContent = `Version ${DF8K.version}.`;
  if (location.hash === "#job") {
    job = (await (await fetch(new URL("job/plan.json", base))).json()) as Job;
    refresh("ready");
    measureButton.click();
    return;
  }
  await startOffline(base);
  say("Press Measure. Close other programs, plug the device in, and keep this page in front.");
  resume();
  refresh("ready");
}

void start().catch((error: unknown) => { say(error instanceof Error ? error.message : String(error), true); });
