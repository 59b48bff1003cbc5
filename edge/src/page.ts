/** The page: controls, gestures, keys. */

import { Client } from "./client.js";
import type { Operation } from "./core/mask.js";
import { followKeys, followPointers, type Gestures } from "./gestures.js";
import { startOffline } from "./offline.js";
import { sample } from "./sample.js";
import { View } from "./view.js";

declare const DF8K: { version: string; home: string; presets: readonly string[] };

const control = <Element extends HTMLElement>(id: string): Element => document.getElementById(id) as Element;
const button = (id: string): HTMLButtonElement => control<HTMLButtonElement>(id);
const input = (id: string): HTMLInputElement => control<HTMLInputElement>(id);

const canvas = control<HTMLCanvasElement>("canvas");
const status = control("status");
const view = new View(canvas);
const base = new URL(".", location.href);

let client: Client;
let operations: Operation[] = [];
let previews: ImageBitmap[] = [];
let name = "picture";
let busy = true; // until there is a worker to ask

function say(text: string, fault = false): void {
  status.textContent = text;
  status.classList.toggle("fault", fault);
}

/** Do one thing after another: controls are off meanwhile, and a failure is said. */
async function during(text: string, work: () => Promise<string>): Promise<void> {
  if (busy) return;
  busy = true;
  say(text);
  refresh();
  try {
    say(await work());
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
  } finally {
    busy = false;
    refresh();
  }
}

function refresh(): void {
  const { picture, filled } = view.content;
  const masking = picture !== null && filled === null && !busy;
  button("fill").disabled = !masking || operations.length === 0;
  button("fill").hidden = filled !== null;
  button("again").hidden = control("comparing").hidden = filled === null;
  button("save").disabled = filled === null || busy;
  button("save-mask").disabled = picture === null || operations.length === 0 || busy;
  button("undo").disabled = button("clear").disabled = !masking || operations.length === 0;
  control<HTMLSelectElement>("preset").disabled = input("mask").disabled = !masking;
  input("file").disabled = input("camera").disabled = button("sample").disabled = busy;
  for (const id of ["smaller", "larger", "fit", "full"]) button(id).disabled = picture === null;
  control("drop").hidden = picture !== null;
  control("radius-text").textContent = picture ? `${Math.round(2 * radius())} px` : "";
  document.documentElement.dataset["state"] = busy ? "busy" : filled ? "filled" : picture ? "open" : "empty";
  showView();
}

function showView(): void {
  view.content.operations = operations;
  view.content.previews = previews;
  view.content.split = Number(input("split").value) / 100;
  control("scale").textContent = view.content.picture ? `${Math.round(100 * view.scale)} %` : "–";
  view.draw();
}

/** Radius of the brush: from 0.2 to 20 % of the shorter side, evenly in its logarithm. */
function radius(): number {
  const { picture } = view.content;
  const side = picture ? Math.min(picture.width, picture.height) : 0;
  return Math.max(1, 0.002 * side * 100 ** (Number(input("radius").value) / 100));
}

function open(file: Blob, title: string): Promise<void> {
  return during("decoding the picture", async () => {
    const { width, height, bitmap } = await client.ask("open", { file });
    name = title.replace(/\.[^.]*$/, "");
    view.content.picture?.close();
    backToMask();
    operations = [];
    for (const preview of previews) preview.close();
    previews = [];
    view.content.picture = bitmap;
    view.fit();
    return `${width} × ${height} pixels, ${((width * height) / 1e6).toFixed(1)} megapixels. Paint over what shall go.`;
  });
}

function backToMask(): void {
  view.content.filled?.close();
  view.content.filled = null;
}

function loadMask(file: Blob, stretch: boolean): Promise<void> {
  return during("reading the mask", async () => {
    const { number, preview } = await client.ask("mask", { file, stretch });
    previews[number] = preview;
    operations.push({ kind: "stored", number });
    return stretch ? "The preset's mask, stretched to the picture." : "The mask was added.";
  });
}

function fill(): Promise<void> {
  return during("filling", async () => {
    const start = performance.now();
    const { bitmap, missing, timing } = await client.ask("fill", { operations });
    backToMask();
    view.content.filled = bitmap;
    const seconds = ((performance.now() - start) / 1e3).toFixed(2);
    const stages = `reducing ${timing.reduce.toFixed(2)}, network ${timing.network.toFixed(2)}, copying ${timing.upscale.toFixed(2)}`;
    return `${missing} pixels filled in ${seconds} s (${stages}). Drag the slider to compare.`;
  });
}

function save(request: "savePicture" | "saveMask", suffix: string): Promise<void> {
  return during("writing PNG", async () => {
    const blob = await client.ask(request, { operations });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.${suffix}.png`;
    link.click();
    setTimeout(() => { URL.revokeObjectURL(link.href); }, 60_000);
    return `${link.download} was saved.`;
  });
}

const gestures: Gestures = {
  view,
  radius,
  tool: () => (document.querySelector<HTMLInputElement>("input[name=tool]:checked")?.value ?? "paint") as "paint",
  isMasking: () => view.content.picture !== null && view.content.filled === null && !busy,
  add(operation) {
    operations.push(operation);
    refresh();
  },
  replaceLast(operation) {
    operations[operations.length - 1] = operation;
    showView();
  },
  undo() {
    operations.pop();
    refresh();
  },
  moved: showView,
  resizeBrush(step) {
    input("radius").value = String(Number(input("radius").value) + step);
    refresh();
  },
};

function connect(): void {
  const opened = (event: Event): void => {
    const chooser = event.target as HTMLInputElement;
    const file = chooser.files?.[0];
    chooser.value = "";
    if (!file) return;
    void (chooser.id === "mask" ? loadMask(file, false) : open(file, file.name));
  };
  for (const id of ["file", "camera", "mask"]) input(id).addEventListener("change", opened);
  button("sample").addEventListener("click", () => void sample().then((file) => open(file, "sample.png")));
  button("undo").addEventListener("click", () => { gestures.undo(); });
  button("clear").addEventListener("click", () => { gestures.add({ kind: "clear" }); });
  button("fill").addEventListener("click", () => void fill());
  button("again").addEventListener("click", () => { backToMask(); refresh(); say("Paint on, and fill again."); });
  button("save").addEventListener("click", () => void save("savePicture", "filled"));
  button("save-mask").addEventListener("click", () => void save("saveMask", "mask"));
  button("fit").addEventListener("click", () => { view.fit(); showView(); });
  button("full").addEventListener("click", () => { view.zoomBy(1 / view.scale); showView(); });
  button("larger").addEventListener("click", () => { view.zoomBy(1.5); showView(); });
  button("smaller").addEventListener("click", () => { view.zoomBy(1 / 1.5); showView(); });
  input("radius").addEventListener("input", refresh);
  input("split").addEventListener("input", showView);
  const preset = control<HTMLSelectElement>("preset");
  for (const title of DF8K.presets) preset.add(new Option(title, title));
  preset.addEventListener("change", () => {
    const url = new URL(`masks/${preset.value}.png`, base);
    preset.value = "";
    void fetch(url).then((response) => response.blob()).then((file) => loadMask(file, true));
  });
  const stage = canvas.parentElement!;
  for (const type of ["dragover", "dragleave", "drop"])
    document.addEventListener(type, (event) => {
      event.preventDefault();
      stage.classList.toggle("over", type === "dragover");
      const file = type === "drop" ? (event as DragEvent).dataTransfer?.files[0] : undefined;
      if (file) void open(file, file.name);
    });
  followPointers(canvas, gestures);
  followKeys(canvas, gestures);
}

async function start(): Promise<void> {
  connect();
  if (DF8K.home) {
    control("home").setAttribute("href", DF8K.home);
    control("home").hidden = false;
  }
  refresh();
  await startOffline(base);
  client = new Client(new URL("worker.js", base), (text) => { if (busy) say(text); });
  busy = false;
  refresh();
  say("Open a picture to begin.");
  const facts = control("facts");
  facts.textContent = `Version ${DF8K.version}. The network is being loaded.`;
  document.documentElement.dataset["ready"] = "page";
  try {
    const { threads, bytes } = await client.ask("load", {});
    const plural = threads === 1 ? "1 thread" : `${threads} threads`;
    facts.textContent = `Version ${DF8K.version}. WebAssembly, ${plural}, network and runtime ${(bytes / 1e6).toFixed(1)} MB.`;
    document.documentElement.dataset["ready"] = "network";
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
  }
}

void start();
