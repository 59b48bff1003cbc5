/** Compiled by loops.mjs. */
declare module "*/loops.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
