/** Bundle the tests and run them under node's own runner. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { loops } from "../loops.mjs";

const folder = mkdtempSync(join(import.meta.dirname, "../node_modules/.tests-"));
try {
  await build({
    entryPoints: named(import.meta.dirname, ".test.ts"),
    outdir: folder,
    bundle: true,
    plugins: [loops],
    format: "esm",
    platform: "node",
    target: "node20",
  });
  const words = ["--test", ...named(folder, ".js")];
  const { status } = spawnSync(process.execPath, words, { stdio: "inherit", cwd: join(import.meta.dirname, "..") });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

function named(inside, suffix) {
  return readdirSync(inside).filter((name) => name.endsWith(suffix)).map((name) => join(inside, name));
}
