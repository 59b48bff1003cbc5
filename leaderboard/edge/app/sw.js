/* Keeps the page's own files for use without a network, and gives them the headers that threads need. */
importScripts("version.js");

const CACHE = `df8k-edge ${self.DF8K.version}`;
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(self.DF8K.shell)));
});

self.addEventListener("activate", (event) => {
  const older = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("df8k-edge ") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(older());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !url.href.startsWith(self.registration.scope)) return;
  event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  // What measures a download asks for it; without a network it gets what is kept.
  const kept = await cache.match(request, { ignoreSearch: true });
  let response = request.cache === "reload" ? undefined : kept;
  if (!response) {
    try {
      response = await fetch(request);
    } catch (error) {
      if (!kept) throw error;
      response = kept;
    }
    if (response.status === 200 && !kept) await cache.put(request, response.clone());
  }
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
