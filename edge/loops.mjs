/** Compiles the loops in assembly/ where a bundle imports them. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "assemblyscript/asc";

const FLAGS = ["--runtime", "stub", "--importMemory", "--noAssert", "--enable", "simd", "-O3", "--converge"];

/** Plugin of esbuild: `loops.wasm` is an array of bytes. */
export const loops = {
  name: "loops",
  setup(build) {
    build.onResolve({ filter: /\/loops\.wasm$/ }, () => ({ path: "loops.wasm", namespace: "loops" }));
    build.onLoad({ filter: /.*/, namespace: "loops" }, async () => ({ contents: await compiled(), loader: "binary" }));
  },
};

async function compiled() {
  const folder = mkdtempSync(join(tmpdir(), "df8k-loops-"));
  try {
    const out = join(folder, "loops.wasm");
    const { error, stderr } = await main(["assembly/index.ts", "-o", out, ...FLAGS], { cwd: import.meta.dirname });
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
