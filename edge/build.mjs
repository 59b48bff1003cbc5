/** Bundle the page into the folder that the Python package ships. */

import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { loops } from "./loops.mjs";

const out = new URL("../leaderboard/edge/app/", import.meta.url);
const runtime = new URL("node_modules/onnxruntime-web/", import.meta.url);

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["page", "worker", "measure", "measure-worker"].map((name) => `src/${name}.ts`),
  outdir: out.pathname,
  bundle: true,
  plugins: [loops],
  format: "esm",
  target: "es2023",
  minify: true,
  legalComments: "none",
  conditions: ["onnxruntime-web-use-extern-wasm"],
});
cpSync(new URL("static/", import.meta.url), out, { recursive: true });
cpSync(new URL("dist/ort-wasm-simd-threaded.mjs", runtime), new URL("ort-wasm-simd-threaded.mjs", out));
const wasm = gzipSync(readFileSync(new URL("dist/ort-wasm-simd-threaded.wasm", runtime)), { level: constants.Z_BEST_COMPRESSION });
wasm[9] = 255; // the operating system, which gzip writes into its header
writeFileSync(new URL("ort-wasm-simd-threaded.wasm.gz", out), wasm);
writeFileSync(new URL("build.json", out), `${JSON.stringify({ sources: sources() })}\n`);

/** Hash what the page is built from: a test finds a page that is older than its source. */
function sources() {
  const files = ["assembly", "src", "static"].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(import.meta.dirname.length + 1)),
  );
  const hash = createHash("sha256");
  for (const file of [...files, "build.mjs", "loops.mjs", "package-lock.json"].sort())
    hash.update(`${file}\0`).update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest("hex");
}
