/** What browsers say in codes when memory ends. */

/** Tell whether memory ended. */
export function isMemory(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof RangeError || /memory|allocation|quota/i.test(text);
}

/** Say it in words. */
export function explained(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return isMemory(error) ? `this browser ran out of memory (${text}); try a smaller picture` : text;
}
