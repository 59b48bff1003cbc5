/** LATENCY.json, as `leaderboard/latency/results.py` reads it: one file that holds every run. */

import type { Frame, Frames } from "./frames.js";
import type { Plan, Run } from "./measuring.js";
import { sha256 } from "./sha256.js";
import { drift, flags, powerLaw, quantile, repeatability, spread, type RunRow } from "./statistics.js";

/** What one session tells. */
export interface Report {
  readonly page_s: number;
  readonly load_s: number;
  readonly download_s: number;
  readonly first_call_s: number;
  readonly warmup_s: readonly number[];
  readonly steady: boolean | null;
  readonly runs: readonly Run[];
  readonly end: string;
  readonly wall_s: number;
  readonly output_moved: boolean;
  readonly repeated_s: number;
  readonly threads: number;
  readonly isolated: boolean;
  readonly processors: number;
  readonly browser: string;
  readonly runtime: string;
  readonly timer_s: number;
  /** Fraction of the sampled hole that agrees with Python; null where the command compares. */
  readonly agreement: number | null;
}

/** How one session ended. */
export interface Row {
  readonly size: number | string;
  readonly status: "ok" | "error" | "crash" | "timeout" | "out-of-memory" | "wrong-output";
  readonly message: string;
  readonly attempts: number;
  readonly report: Report | null;
}

/** The device, as far as browsers tell. */
export interface Device {
  /** As its owner calls it; part of the method's name on boards. */
  readonly label: string;
  readonly processor: string;
  readonly system: string;
  readonly memoryBytes: number;
  readonly onBattery: boolean | null;
  /** Whole numbers and texts, such as limits of memory. */
  readonly limits: Readonly<Record<string, number | string>>;
}

/** Write the file; `rows` are in the order of the sizes, and at least one session ended well. */
export function latencyJson(frames: Frames, plan: Plan, rows: readonly Row[], device: Device, version: string): string {
  const good = rows.flatMap(({ report }) => report ?? []);
  const [first] = good;
  if (!first) throw new Error("no session ended well: there is nothing to save");
  const sizes = [...new Set(rows.map((row) => row.size))];
  const measured = sizes.map((size) => ofSize(frames, size, rows.filter((row) => row.size === size)));
  const result = {
    kind: "latency",
    schema_version: frames.schema_version,
    method: methodOf(frames, first, device),
    protocol: {
      version: frames.protocol_version,
      ...plan,
      sizes,
      area_size: null,
      material: frames.material,
      material_fingerprint: frames.fingerprint,
      timeout_s: TIMEOUT_S,
      memory_limit_bytes: null,
    },
    environment: {
      cpu: device.processor,
      cores: first.processors,
      threads: first.threads,
      memory_bytes: device.memoryBytes,
      gpu: null,
      system: device.system,
      python: "",
      libraries: { browser: first.browser, "onnxruntime-web": first.runtime },
    },
    machine: {
      load_1m: null,
      busy_cores: null,
      stolen_cores: null,
      allowed_cpus: first.processors,
      quota_cpus: null,
      governor: null,
      mhz: null,
      mhz_max: null,
      on_battery: device.onBattery,
      celsius: null,
      available_bytes: null,
      swap_used_bytes: null,
      timer_s: first.timer_s,
      gpu: [],
    },
    threads: { threads: first.threads, isolated: Number(first.isolated), processors: first.processors, ...device.limits },
    provenance: {
      df8k_version: version,
      commit: null,
      dirty: null,
      command: null,
      metric_weights: {},
      date: new Date().toISOString().slice(0, 10),
    },
    sizes: measured.map(({ size }) => size),
    area: null,
    by_pixels: powerLaw(
      measured.flatMap(({ size }) => (size.status === "ok" && size.e2e ? [[size.width * size.height, size.e2e.p50_s]] : [])),
    ),
    by_hole: null,
    samples_sha256: "",
    runs: measured.flatMap(({ runs }) => runs),
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  const hash = sha256(new TextEncoder().encode(text));
  return text.replace('"samples_sha256": ""', `"samples_sha256": "${hash}"`);
}

/** Seconds of silence after which a session is given up. */
export const TIMEOUT_S = 600;

function methodOf({ method }: Frames, report: Report, device: Device): object {
  const threads = report.threads === 1 ? "1 thread" : `${report.threads} threads`;
  const label = device.label.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return {
    ...method,
    name: [method.name, "browser", ...(label ? [label] : [])].join("-"),
    summary: `${method.summary}; in a browser`,
    settings: {
      strategy: "native",
      ...method.settings,
      backend: `onnxruntime-web ${report.runtime}, WebAssembly, ${threads}`,
    },
    device: "browser",
  };
}

function ofSize(frames: Frames, size: number | string, rows: readonly Row[]): { size: SizeLatency; runs: RunRow[] } {
  const frame = frames.frames.find((other) => other.size === size)!;
  const failed = rows.find((row) => row.status !== "ok");
  const sessions = rows.flatMap(({ report }) => (report ? [sessionOf(report)] : []));
  const runs = rows
    .flatMap(({ report }) => report ?? [])
    .flatMap((report, session) => report.runs.map((run) => runRow(frame, session, run)));
  const seconds = runs.map((run) => run.e2e_s);
  return {
    size: {
      size,
      width: frame.width,
      height: frame.height,
      status: failed?.status ?? "ok",
      message: failed?.message ?? "",
      attempts: rows.reduce((total, row) => total + row.attempts, 0),
      inputs: [frame.name],
      hole_pixels: [frame.hole_pixels],
      encode_s: null,
      decode_s: null,
      sessions,
      e2e: spread(seconds),
      call: spread(seconds),
      model: spread(runs.map((run) => run.model_s)),
      repeatability: repeatability(sessions),
      flags: sessions.length ? flags(sessions, seconds, frames.coarse) : [],
    },
    runs,
  };
}

type Session = ReturnType<typeof sessionOf>;

interface SizeLatency extends Pick<Frame, "size" | "width" | "height"> {
  readonly status: Row["status"];
  readonly message: string;
  readonly attempts: number;
  readonly inputs: readonly string[];
  readonly hole_pixels: readonly number[];
  readonly encode_s: null;
  readonly decode_s: null;
  readonly sessions: readonly Session[];
  readonly e2e: ReturnType<typeof spread>;
  readonly call: ReturnType<typeof spread>;
  readonly model: ReturnType<typeof spread>;
  readonly repeatability: number | null;
  readonly flags: readonly string[];
}

function sessionOf(report: Report) {
  const seconds = report.runs.map((run) => run.e2e_s);
  return {
    process_s: report.page_s,
    load_s: report.load_s,
    first_call_s: report.first_call_s,
    warmup_s: report.warmup_s,
    steady: report.steady,
    end: report.end,
    wall_s: report.wall_s,
    // What other programs do, and how much memory is in use, browsers do not tell.
    others_cores: null,
    stolen_cores: null,
    busy_cores: null,
    output_moved: report.output_moved,
    peak_bytes: null,
    call_bytes: null,
    gpu_allocated_bytes: null,
    gpu_reserved_bytes: null,
    p50_s: quantile(seconds, 0.5),
    drift: drift(seconds),
    repeated_s: report.repeated_s,
    timer_s: report.timer_s,
  };
}

function runRow(frame: Frame, session: number, run: Run): RunRow {
  return {
    series: "ladder",
    size: String(frame.size),
    session,
    input: run.input,
    hole_pixels: frame.hole_pixels,
    e2e_s: run.e2e_s,
    call_s: run.e2e_s,
    model_s: run.model_s,
  };
}
