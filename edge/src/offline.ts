/** Files kept by a service worker, where the browser has them. */

const PATIENCE_MS = 3000;

/** Register, and wait until it answers for this page, but not long: the page works without it. */
export async function startOffline(base: URL): Promise<void> {
  if (!("serviceWorker" in navigator)) return; // as on plain http from another machine
  try {
    await navigator.serviceWorker.register(new URL("sw.js", base));
  } catch {
    return;
  }
  if (navigator.serviceWorker.controller) return;
  await new Promise<void>((resolve) => {
    navigator.serviceWorker.addEventListener("controllerchange", () => { resolve(); }, { once: true });
    setTimeout(resolve, PATIENCE_MS);
  });
}
