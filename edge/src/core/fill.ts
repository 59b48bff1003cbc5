/** The whole method, `rethined` with `coherence=off`: picture and mask in, the hole filled in place. */

import { paintEnlarged } from "./enlarging.js";
import { cellShifts, copiedCells } from "./matching.js";
import type { Room } from "./room.js";
import { holeTokens, validTokens, type Working } from "./working.js";

export const WORKING_RESOLUTION = 512;

/** Output of the graph; `sources` are tokens, one for each hole token. */
export interface Answer {
  readonly coarse: Float32Array;
  readonly low: Float32Array;
  readonly sources: Int32Array;
}

/** Runs the graph: network, and choice of the most similar valid token. */
export type Network = (working: Working, holes: Int32Array, valid: Int32Array) => Promise<Answer>;

/** Seconds of one call's stages. */
export interface Timing {
  readonly reduce: number;
  readonly network: number;
  readonly upscale: number;
}

/** Fill the hole of the room's picture in place. */
export async function fill(room: Room, network: Network): Promise<Timing> {
  const start = performance.now();
  const working = room.reduced();
  const reduced = performance.now();
  if (!working.hole.includes(1)) return { reduce: (reduced - start) / 1e3, network: 0, upscale: 0 };
  const holes = holeTokens(working);
  const valid = validTokens(working);
  const answer = await network(working, holes, valid);
  const described = performance.now();
  if (valid.length) {
    const shifts = cellShifts(working, holes, answer.sources);
    room.paint(working, copiedCells(working, answer.low, shifts), shifts);
  } else paintEnlarged(room, working, answer.coarse);
  const end = performance.now();
  return {
    reduce: (reduced - start) / 1e3,
    network: (described - reduced) / 1e3,
    upscale: (end - described) / 1e3,
  };
}

