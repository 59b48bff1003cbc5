/** The graph in onnxruntime's WebAssembly build. */

import * as ort from "onnxruntime-web/wasm";

import type { Network } from "./fill.js";
import { graphWeights, type Layout } from "./weights.js";
import { networkInputs } from "./working.js";

/** The open network, and how it runs. */
export interface Opened {
  readonly network: Network;
  readonly threads: number;
  readonly downloadSeconds: number;
  readonly compileSeconds: number;
  readonly bytes: number;
  /** Version of onnxruntime-web. */
  readonly runtime: string;
}

/**
 * Fetch and compile.
 *
 * @param base folder of the page.
 * @param threads the most that may be used.
 * @param afresh whether files are downloaded though they are kept here.
 */
export async function openNetwork(
  base: URL,
  threads: number,
  progress: (text: string) => void,
  afresh = false,
): Promise<Opened> {
  const start = performance.now();
  progress("downloading the network");
  const [wasm, graph, layout, weights] = await Promise.all([
    download(new URL("ort-wasm-simd-threaded.wasm.gz", base), afresh),
    download(new URL("rethined.onnx", base), afresh),
    download(new URL("rethined.json", base), afresh),
    download(new URL("weights.safetensors", base), afresh),
  ]);
  const downloaded = performance.now();
  progress("preparing the network");
  ort.env.wasm.wasmBinary = await gunzip(wasm);
  ort.env.wasm.wasmPaths = { mjs: new URL("ort-wasm-simd-threaded.mjs", base).href };
  ort.env.wasm.numThreads = self.crossOriginIsolated ? threads : 1;
  ort.env.logLevel = "error";
  const parsed = JSON.parse(new TextDecoder().decode(layout)) as Layout;
  const session = await ort.InferenceSession.create(new Uint8Array(graph), {
    executionProviders: ["wasm"],
    externalData: [{ path: "weights", data: graphWeights(weights, parsed) }],
    // Waiting threads would spin, and keep the processor from those that work.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    enableMemPattern: false,
  });
  return {
    network: networkOf(session),
    threads: ort.env.wasm.numThreads,
    downloadSeconds: (downloaded - start) / 1e3,
    compileSeconds: (performance.now() - downloaded) / 1e3,
    runtime: ort.env.versions.web ?? ort.env.versions.common,
    bytes: wasm.byteLength + graph.byteLength + layout.byteLength + weights.byteLength,
  };
}

async function download(url: URL, afresh: boolean): Promise<ArrayBuffer> {
  const response = await fetch(url, { cache: afresh ? "reload" : "default" });
  if (!response.ok) throw new Error(`${url.pathname} cannot be fetched (${response.status}); reload the page`);
  return response.arrayBuffer();
}

/** Unpack gzip. */
export async function gunzip(bytes: ArrayBuffer): Promise<ArrayBuffer> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

function networkOf(session: ort.InferenceSession): Network {
  return async (working, holes, valid) => {
    const [height, width] = working.padded;
    const { image, mask } = networkInputs(working);
    // An answer without a source is not read; the graph needs one token to choose from.
    const choice = valid.length ? valid : Int32Array.of(0);
    const outputs = await session.run({
      image: new ort.Tensor("float32", image, [1, 3, height, width]),
      mask: new ort.Tensor("float32", mask, [1, 1, height, width]),
      holes: new ort.Tensor("int32", holes, [holes.length]),
      valid: new ort.Tensor("int32", choice, [choice.length]),
    });
    const numbers = (name: string): ort.Tensor["data"] => outputs[name]!.data;
    return {
      coarse: numbers("coarse") as Float32Array,
      low: numbers("low") as Float32Array,
      sources: numbers("sources") as Int32Array,
    };
  };
}
