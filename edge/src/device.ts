/** What browsers tell of the device they run on. */

import type { Device } from "./core/result.js";

interface Hints {
  readonly architecture?: string;
  readonly bitness?: string;
  readonly model?: string;
  readonly platform?: string;
  readonly platformVersion?: string;
}

/** Parts of browsers that the standard library of TypeScript does not know. */
interface Extended {
  readonly deviceMemory?: number;
  readonly userAgentData?: { getHighEntropyValues(hints: readonly string[]): Promise<Hints> };
  getBattery?(): Promise<{ readonly charging: boolean }>;
}

/** Describe the device; `label` is what its owner calls it. */
export async function describeDevice(label: string): Promise<Device> {
  const { deviceMemory, userAgentData } = navigator as Extended;
  const asked = ["architecture", "bitness", "model", "platformVersion"];
  const hints: Hints = (await userAgentData?.getHighEntropyValues(asked).catch(() => ({}))) ?? {};
  const battery = await (navigator as Extended).getBattery?.().catch(() => null);
  const heap = (performance as { memory?: { jsHeapSizeLimit: number } }).memory?.jsHeapSizeLimit;
  const processor = [hints.model, hints.architecture && `${hints.architecture} ${hints.bitness ?? ""}`.trim()];
  const named = [label, ...processor].filter(Boolean).join(", ");
  const system = [hints.platform, hints.platformVersion].filter(Boolean).join(" ");
  return {
    label,
    processor: `${named || "processor not told"}, in a browser`,
    system: system || (/\(([^)]*)\)/.exec(navigator.userAgent)?.[1] ?? "not told"),
    memoryBytes: Math.round((deviceMemory ?? 0) * 2 ** 30),
    onBattery: battery ? !battery.charging : null,
    limits: {
      ...(heap === undefined ? {} : { heap_limit_bytes: heap }),
      // Browsers say 8 GiB at most.
      ...(deviceMemory === undefined ? {} : { device_memory_gib: String(deviceMemory) }),
    },
  };
}

/** Keep the screen on, where the browser can; release ends it. */
export async function stayAwake(): Promise<{ release(): Promise<void> } | null> {
  try {
    return await navigator.wakeLock.request("screen");
  } catch {
    return null;
  }
}
