// An image: a slider between two of its pictures, and every method beside it.
const data = JSON.parse(at("data").textContent);
const [size, left, right, zoom, slide, stage] = ["size", "left", "right", "zoom", "slide", "stage"].map(at);
const title = { original: "Original", input: "Input with its hole" };
// A range's knob stays inside its track by half of its width.
const KNOB = 16;
let view = 0;

const nameOf = (source) => title[source] ?? data.names[source.slice("method-".length)];
const current = () => data.sizes[Number(size.value)];
const address = (source) => `${data.folder}/${current().size}/${current().views[view].name}-${source}.webp`;
const best = () => `method-${current().methods[0]}`;
const remember = () => {
  const start = data.sizes.findIndex((views) => views.size === data.start);
  state.set("size", current().size, data.sizes[start < 0 ? data.sizes.length - 1 : start].size);
  state.set("left", left.value, "original");
  state.set("right", right.value, best());
  state.set("view", view, 0);
  state.set("zoom", zoom.value, "fit");
  state.set("at", slide.value, "50");
  state.set("outline", at("outline").checked ? "1" : "0", "0");
  state.set("errors", at("errors").checked ? "1" : "0", "0");
};

const fillSources = () => {
  const sources = ["original", "input", ...current().methods.map((method) => `method-${method}`)];
  for (const [select, first] of [[left, "original"], [right, best()]]) {
    const before = select.value || state.get(select.id, first);
    select.replaceChildren();
    for (const source of sources) option(select, source, nameOf(source));
    select.value = sources.includes(before) ? before : first;
  }
};

const fillViews = () => {
  view = Math.min(view, current().views.length - 1);
  at("views").replaceChildren(...current().views.map((_view, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = index === 0 ? "Whole picture" : `Crop ${index}`;
    button.setAttribute("aria-pressed", String(index === view));
    button.addEventListener("click", () => {
      view = index;
      zoom.value = index === 0 ? "fit" : "2";
      for (const other of at("views").children) other.setAttribute("aria-pressed", String(other === button));
      changed();
    });
    return button;
  }));
};

const picture = (source, parent) => {
  const image = document.createElement("img");
  image.loading = "lazy";
  image.decoding = "async";
  image.width = current().views[view].width;
  image.height = current().views[view].height;
  image.src = address(source);
  image.alt = "";
  parent.append(image);
};

const fillGrid = () => {
  const scores = data.scores[current().size] ?? {};
  at("fills").replaceChildren(...["original", ...current().methods.map((method) => `method-${method}`)].map((source) => {
    const [tile, shot, words, name] = ["button", "span", "span", "b"].map((element) => document.createElement(element));
    tile.type = "button";
    tile.className = "tile";
    tile.classList.toggle("errors", at("errors").checked);
    tile.setAttribute("aria-pressed", String(source === right.value));
    shot.className = "shot";
    picture(source, shot);
    if (at("errors").checked) picture("original", shot);
    words.className = "words";
    name.textContent = nameOf(source);
    words.append(name, source === "original" ? "" : ` ${scores[source.slice("method-".length)] ?? "–"}`);
    tile.append(shot, words);
    tile.addEventListener("click", () => {
      right.value = source;
      changed();
      stage.scrollIntoView({ block: "nearest" });
    });
    return tile;
  }));
};

const show = () => {
  const { width, height, name, window: [x, y, w, h] } = current().views[view];
  at("left-picture").src = address(left.value);
  at("right-picture").src = address(right.value);
  at("left-picture").alt = `Left: ${nameOf(left.value)}`;
  at("right-picture").alt = `Right: ${nameOf(right.value)}`;
  at("outline-picture").hidden = !at("outline").checked;
  if (at("outline").checked) at("outline-picture").src = `${data.folder}/${current().size}/${name}-outline.png`;
  const bench = document.querySelector(".bench");
  const room = bench.clientWidth * (innerWidth >= 1100 ? 0.64 : 1) - 2;
  // The whole picture is seen at once, without scrolling.
  const fit = Math.min(1, room / width, Math.max(320, 0.78 * innerHeight) / height);
  const scale = zoom.value === "fit" ? fit : Number(zoom.value);
  stage.style.width = `${Math.floor(width * scale)}px`;
  stage.style.height = `${Math.floor(height * scale)}px`;
  stage.classList.toggle("zoomed", scale > 1);
  stage.classList.toggle("errors", at("errors").checked);
  // The knob stands under the divider, whatever the width of the picture.
  slide.style.width = `${Math.min(Math.floor(width * scale), room) + KNOB}px`;
  slide.style.marginLeft = `${1 - KNOB / 2}px`;
  at("told").textContent = `${nameOf(left.value)} | ${nameOf(right.value)}; pixels ${x}–${x + w} × ${y}–${y + h} at size ${current().size}`;
  move();
};

const move = () => {
  const percent = at("errors").checked ? 100 : Number(slide.value);
  at("left-picture").style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
  at("divider").style.left = `calc(${percent}% - 1px)`;
  slide.disabled = at("errors").checked;
  slide.setAttribute("aria-valuetext", `${Math.round(percent)} % ${nameOf(left.value)}`);
};

const changed = () => {
  remember();
  show();
  fillGrid();
};

const follow = (event) => {
  const edges = stage.getBoundingClientRect();
  slide.value = String((100 * (event.clientX - edges.left)) / edges.width);
  move();
};
stage.addEventListener("pointerdown", (event) => {
  stage.setPointerCapture(event.pointerId);
  follow(event);
});
stage.addEventListener("pointermove", (event) => {
  if (event.buttons) follow(event);
});
stage.addEventListener("pointerup", remember);
slide.addEventListener("input", move);
slide.addEventListener("change", remember);
for (const control of [left, right, zoom, at("outline"), at("errors")]) control.addEventListener("change", changed);
window.addEventListener("resize", show);
size.addEventListener("change", () => {
  fillSources();
  fillViews();
  changed();
});

data.sizes.forEach((views, index) => option(size, String(index), views.size));
const begin = (requested) => data.sizes.findIndex((views) => views.size === requested);
const first = [begin(state.get("size", data.start)), begin(data.start)].find((index) => index >= 0);
size.value = String(first ?? data.sizes.length - 1);
view = Math.max(0, Math.trunc(Number(state.get("view", "0"))) || 0);
slide.value = state.get("at", "50");
at("outline").checked = state.get("outline", "0") === "1";
at("errors").checked = state.get("errors", "0") === "1";
if ([...zoom.options].some(({ value }) => value === state.get("zoom", "fit"))) zoom.value = state.get("zoom", "fit");
fillSources();
fillViews();
show();
fillGrid();
ready();
