/** What the page and its worker say to each other: a request with a number, one answer with the same number. */

import type { Timing } from "./core/fill.js";
import type { Operation } from "./core/mask.js";

/** Name of a request → what it holds and what it is answered with. */
export interface Requests {
  load: { request: object; answer: Loaded };
  open: { request: { file: Blob }; answer: { width: number; height: number; bitmap: ImageBitmap } };
  mask: { request: { file: Blob; stretch: boolean }; answer: { number: number; preview: ImageBitmap } };
  fill: { request: { operations: readonly Operation[] }; answer: Filled };
  savePicture: { request: object; answer: Blob };
  saveMask: { request: { operations: readonly Operation[] }; answer: Blob };
}

/** How the network runs. */
export interface Loaded {
  readonly threads: number;
  readonly bytes: number;
  readonly downloadSeconds: number;
  readonly compileSeconds: number;
}

/** Filled picture, to be shown. */
export interface Filled {
  readonly bitmap: ImageBitmap;
  readonly missing: number;
  readonly timing: Timing;
}

export type Name = keyof Requests;

/** Request as it is posted. */
export interface Posted {
  readonly number: number;
  readonly name: Name;
  readonly request: unknown;
}

/** Answer to a request, a failure, or news of the work. */
export type Reply =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: string }
  | { readonly progress: string };
