// The page of two methods: what the images say of the pair, in words, plots and pictures.
const [first, second, size, page] = ["first", "second", "size", "page"].map(at);
const SHOWN = 6;
// Within a sentence a unit would be in the way.
const metric = data.heading.replace(/,.*/, "");
const nameOf = (index) => data.methods[index].name;
const of = () => data.sizes[Number(size.value)];
const pictured = (method, image) => data.thumbnails[method][image] === "1";
const thumbnail = (image, source) => {
  const picture = document.createElement("img");
  picture.loading = "lazy";
  picture.src = `thumbnails/${data.files[image]}/${source}.webp`;
  return picture;
};
const sourceOf = (method) => `method-${data.methods[method].file}`;
const sideOf = ({ gap }) => (sign * gap > 0 ? "first" : sign * gap < 0 ? "second" : "even");
const pageOf = (image) => `images/${data.files[image]}.html#left=${sourceOf(Number(first.value))}&right=${sourceOf(Number(second.value))}&size=${of().size}`;

const peek = (image) => {
  const [a, b] = [Number(first.value), Number(second.value)];
  at("told").textContent = `Image ${data.ids[image.index].slice(0, 8)}: ${nameOf(a)} ${numbers(image.x)}, ${nameOf(b)} ${numbers(image.y)}, difference ${signed(image.gap)}`;
  const sources = [["original", "original", pictured(a, image.index) || pictured(b, image.index)], [sourceOf(a), nameOf(a), pictured(a, image.index)], [sourceOf(b), nameOf(b), pictured(b, image.index)]];
  at("peek").replaceChildren(...sources.filter(([, , there]) => there).map(([source, words]) => {
    const [item, link, figure, caption] = ["li", "a", "figure", "figcaption"].map((element) => document.createElement(element));
    const picture = thumbnail(image.index, source);
    picture.alt = "";
    caption.textContent = words;
    link.href = pageOf(image.index);
    figure.append(picture, caption);
    link.append(figure);
    item.append(link);
    return item;
  }));
};

const scaleOf = (values, from, to) => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  const scale = (value) => from + ((value - low + pad) / (high - low + 2 * pad)) * (to - from);
  return Object.assign(scale, { ends: [low - pad, high + pad], marks: ticks(low - pad, high + pad) });
};

const drawScatter = ({ images }) => {
  const plot = at("scatter");
  plot.replaceChildren();
  const [L, R, T, B] = [64, 550, 10, 400];
  const values = images.flatMap(({ x, y }) => [x, y]);
  const [X, Y] = [scaleOf(values, L, R), scaleOf(values, B, T)];
  for (const mark of X.marks) {
    make("line", { class: "grid", x1: X(mark), x2: X(mark), y1: T, y2: B }, plot);
    make("line", { class: "grid", x1: L, x2: R, y1: Y(mark), y2: Y(mark) }, plot);
    make("text", { x: X(mark), y: B + 18, "text-anchor": "middle" }, plot, `${mark}`);
    make("text", { x: L - 8, y: Y(mark) + 4, "text-anchor": "end" }, plot, `${mark}`);
  }
  make("line", { class: "diagonal", x1: X(X.ends[0]), y1: Y(X.ends[0]), x2: X(X.ends[1]), y2: Y(X.ends[1]) }, plot);
  const [a, b] = [first, second].map((select) => data.methods[Number(select.value)].label);
  make("text", { x: (L + R) / 2, y: B + 42, "text-anchor": "middle" }, plot, `${a}: ${data.heading}`);
  make("text", { x: 14, y: (T + B) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(T + B) / 2})` }, plot, `${b}: ${data.heading}`);
  make("text", { x: data.higher ? R - 6 : L + 6, y: data.higher ? B - 8 : T + 14, "text-anchor": data.higher ? "end" : "start" }, plot, `${a} better`);
  make("text", { x: data.higher ? L + 6 : R - 6, y: data.higher ? T + 14 : B - 8, "text-anchor": data.higher ? "start" : "end" }, plot, `${b} better`);
  // Beyond some hundred images the Tab key would pass them all: the extremes below are links.
  const reachable = images.length <= 60;
  for (const image of images) {
    const words = `Image ${data.ids[image.index].slice(0, 8)}, difference ${signed(image.gap)}`;
    const point = make("circle", {
      class: `point ${sideOf(image)}`, cx: X(image.x), cy: Y(image.y), r: images.length > 200 ? 3.5 : 6, "fill-opacity": 0.8,
      ...(reachable ? { tabindex: "0", role: "link", "aria-label": words } : {}),
    }, plot);
    point.addEventListener("pointerenter", () => peek(image));
    point.addEventListener("focus", () => peek(image));
    const open = () => location.assign(pageOf(image.index));
    point.addEventListener("click", open);
    point.addEventListener("keydown", (event) => {
      if (event.key === "Enter") open();
    });
  }
};

const drawDifferences = ({ images, mean, ends }) => {
  const plot = at("differences");
  plot.replaceChildren();
  const [L, R, T, B] = [64, 550, 10, 400];
  const ordered = [...images].sort((p, q) => q.gap - p.gap || p.index - q.index);
  const Y = scaleOf([0, ...images.map(({ gap }) => gap)], B, T);
  const step = (R - L) / ordered.length;
  for (const mark of Y.marks) {
    make("line", { class: "grid", x1: L, x2: R, y1: Y(mark), y2: Y(mark) }, plot);
    make("text", { x: L - 8, y: Y(mark) + 4, "text-anchor": "end" }, plot, `${mark}`);
  }
  ordered.forEach((image, position) => {
    const bar = make("rect", {
      class: sideOf(image), x: L + position * step, width: Math.max(0.5, step - (step > 4 ? 1.5 : 0)),
      y: Math.min(Y(0), Y(image.gap)), height: Math.max(0.5, Math.abs(Y(image.gap) - Y(0))),
    }, plot);
    bar.addEventListener("pointerenter", () => peek(image));
  });
  if (ends) make("rect", { class: "range", x: L, width: R - L, y: Y(ends[1]), height: Math.max(1, Y(ends[0]) - Y(ends[1])) }, plot);
  make("line", { class: "mean", x1: L, x2: R, y1: Y(mean), y2: Y(mean) }, plot);
  make("text", { class: "halo", x: R - 4, y: Y(mean) - 6, "text-anchor": "end" }, plot, `mean ${signed(mean)}`);
  make("text", { x: (L + R) / 2, y: B + 42, "text-anchor": "middle" }, plot, "images, by their difference (first minus second)");
};

const cell = (tag, text) => {
  const element = document.createElement(tag);
  element.textContent = text;
  if (tag === "th") element.scope = "row";
  element.className = "name";
  return element;
};

const tell = (pair) => {
  const [a, b] = [nameOf(Number(first.value)), nameOf(Number(second.value))];
  const few = pair.images.length < 6;
  const significant = pair.adjusted !== undefined && pair.adjusted < 0.05;
  const better = sign * pair.mean > 0 ? a : b;
  at("verdict").textContent = significant
    ? `${better} is better by ${metric} at size ${of().size}: more than these images would show by chance.`
    : few ? `${pair.images.length} images cannot show a difference: at least 6 are needed.`
      : `These images show no significant difference between ${a} and ${b} by ${metric} at size ${of().size}.`;
  const even = pair.images.length - pair.first - pair.second;
  at("wins").replaceChildren(...[["first", pair.first], ["even", even], ["second", pair.second]].map(([side, count]) => {
    const share = document.createElement("span");
    share.className = side;
    share.style.flexGrow = String(count);
    return share;
  }));
  at("wins").setAttribute("aria-label", `${a} better on ${pair.first}, ${b} on ${pair.second}, equal on ${even} images`);
  const counts = [["first", `${a} better on ${pair.first}`], ["second", `${b} better on ${pair.second}`]].flatMap(([side, words]) => {
    const key = document.createElement("span");
    key.className = `key ${side}`;
    return [key, words, ", "];
  });
  at("counts").replaceChildren(...counts, `equal on ${even} of ${pair.images.length} images`);
  const interval = pair.ends ? `${signed(pair.ends[0])} … ${signed(pair.ends[1])}` : `none: fewer than ${data.leastImages} images`;
  const lines = [
    ["mean difference, first minus second", signed(pair.mean)], ["95 % interval, Student's t", interval],
    ["p of the mean, Student's t", pair.t], ["p of the signed ranks, Wilcoxon", pair.ranks], ["p after Holm's correction", pair.adjusted],
  ];
  at("tests").replaceChildren(...lines.map(([words, value]) => {
    const line = document.createElement("tr");
    line.append(cell("th", words), cell("td", typeof value === "number" ? chance(value) : value ?? "not tested"));
    return line;
  }));
};

const listExtremes = ({ images }) => {
  const [a, b] = [Number(first.value), Number(second.value)];
  for (const [list, title, method, way] of [["for-first", "first-wins", a, 1], ["for-second", "second-wins", b, -1]]) {
    at(title).textContent = `Where ${nameOf(method)} wins by most`;
    const won = images.filter(({ gap }) => way * sign * gap > 0).sort((p, q) => way * sign * (q.gap - p.gap)).slice(0, SHOWN);
    if (!won.length) at(title).textContent = `${nameOf(method)} wins on no image`;
    at(list).replaceChildren(...won.map((image) => {
      const [item, link, words] = ["li", "a", "small"].map((element) => document.createElement(element));
      link.href = pageOf(image.index);
      for (const side of [a, b]) {
        if (pictured(side, image.index)) {
          const picture = thumbnail(image.index, sourceOf(side));
          picture.alt = "";
          link.append(picture);
        }
      }
      words.textContent = `${link.children.length ? `${nameOf(a)} | ${nameOf(b)}` : `Image ${data.ids[image.index].slice(0, 8)}`}: ${numbers(image.x)} | ${numbers(image.y)}`;
      link.append(words);
      item.append(link);
      return item;
    }));
  }
};

const show = () => {
  const pair = pairOf(of(), Number(first.value), Number(second.value));
  tell(pair);
  drawScatter(pair);
  drawDifferences(pair);
  listExtremes(pair);
  if (pair.images.length) peek(pair.images.reduce((most, image) => (Math.abs(image.gap) > Math.abs(most.gap) ? image : most)));
};

const measured = () => data.methods.map((_method, index) => index).filter((index) => of().values[index])
  .sort((a, b) => (of().ranks[a] ?? Infinity) - (of().ranks[b] ?? Infinity) || a - b);
const fill = (requested) => {
  const order = measured();
  [first, second].forEach((select, position) => {
    const before = requested[position];
    select.replaceChildren();
    for (const index of order) option(select, String(index), nameOf(index));
    select.value = String(order.includes(before) ? before : order[position]);
  });
  if (first.value === second.value) second.value = String(order.find((index) => String(index) !== first.value));
};
const remember = () => {
  const [a, b] = measured();
  state.set("first", data.methods[Number(first.value)].file, data.methods[a].file);
  state.set("second", data.methods[Number(second.value)].file, data.methods[b].file);
  state.set("size", of().size, data.start);
};
const changed = () => {
  remember();
  show();
};

data.sizes.forEach((measurement, index) => option(size, String(index), measurement.size));
const sizeOf = (requested) => data.sizes.findIndex((measurement) => measurement.size === requested);
size.value = String(Math.max(0, [sizeOf(state.get("size", data.start)), sizeOf(data.start)].find((index) => index >= 0) ?? 0));
fill(["first", "second"].map((name) => data.methods.findIndex((method) => method.file === state.get(name, ""))));
for (const select of [first, second]) select.addEventListener("change", changed);
size.addEventListener("change", () => {
  fill([Number(first.value), Number(second.value)]);
  changed();
});
at("swap").addEventListener("click", () => {
  [first.value, second.value] = [second.value, first.value];
  changed();
});
page.addEventListener("change", () => location.assign(`${page.value}.html${location.hash}`));
show();
ready();
