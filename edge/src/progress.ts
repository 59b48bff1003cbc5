/** A measurement that survives the end of its page: browsers end pages that take too much memory. */

import type { Plan } from "./core/measuring.js";
import type { Row } from "./core/result.js";

export interface Progress {
  /** Of the page: sessions of another one must not be mixed in. */
  readonly version: string;
  readonly plan: Plan;
  readonly sizes: readonly (number | string)[];
  readonly rows: Row[];
  /** Size of the session that runs. */
  readonly pending: number | string | null;
}

const KEY = "df8k measurement";

export function remember(progress: Progress): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // Without storage, as in private windows, a page that ends loses what it measured.
  }
}

export function recall(version: string): Progress | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Progress | null;
    return kept?.version === version ? kept : null;
  } catch {
    return null;
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // as above
  }
}
