/** The page that `df8k edge bench` opens: one session in a worker of its own, then the answer to the command. */

const line = document.getElementById("status")!;
const base = new URL(".", location.href);
const worker = new Worker(new URL("measure-worker.js", base), { type: "module" });
worker.addEventListener("message", (event: MessageEvent<string>) => {
  line.textContent = event.data;
});
worker.addEventListener("error", (event) => {
  const message = event.message || "the worker did not start";
  line.textContent = message;
  void fetch(new URL("job/report", base), { method: "POST", body: JSON.stringify({ failure: message }) });
});
worker.postMessage(performance.now() / 1e3);
