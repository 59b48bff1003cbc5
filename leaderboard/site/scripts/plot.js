// Quality against latency, linked to the table.
const plot = at("plot");
const look = JSON.parse(plot.dataset.look);
const hint = at("told").textContent;
const [size, metric] = ["size", "metric"].map(at);
let picked = null;

const pick = (row) => {
  picked = row;
  for (const other of rows) other.classList.toggle("picked", other === row);
  for (const group of plot.querySelectorAll(".point-group")) group.classList.toggle("picked", row !== null && group.row === row);
  at("told").textContent = row === null ? hint : describe(row);
};

const doubtOf = (row) => row.cells[columnOf.latency].querySelector("small")?.textContent ?? "";
const describe = (row) => {
  const millions = Number(row.dataset.parameters) / 1e6;
  const of = `${heads[columnOf[metric.value]].textContent} ${textOf(row, columnOf[metric.value])}`;
  const doubt = doubtOf(row);
  return `${row.dataset.method} at size ${row.dataset.size}: ${of}, ${textOf(row, columnOf.latency)} ms${doubt && ` (${doubt})`}, ${millions.toFixed(2)} M parameters`;
};

const measure = document.createElement("canvas").getContext("2d");
measure.font = "12px sans-serif";
const radius = (row) => 6 + Math.min(16, 1.6 * Math.sqrt(Number(row.dataset.parameters) / 1e6));

const drawAxes = (X, Y, [x0, x1, y0, y1], [L, R, T, B], head) => {
  make("rect", { class: "band", x: L, y: T, width: X(look.realTimeMs) - L, height: B - T }, plot);
  make("text", { x: Math.max(L + 70, X(look.realTimeMs)) - 4, y: T + 16, "text-anchor": "end" }, plot).textContent = "real time";
  for (let power = Math.ceil(x0); power <= x1; power += 1) {
    make("line", { class: "grid", x1: X(10 ** power), x2: X(10 ** power), y1: T, y2: B }, plot);
    make("text", { x: X(10 ** power), y: B + 18, "text-anchor": "middle" }, plot).textContent = `${10 ** power}`;
  }
  for (const value of ticks(y0, y1)) {
    make("line", { class: "grid", x1: L, x2: R, y1: Y(value), y2: Y(value) }, plot);
    make("text", { x: L - 8, y: Y(value) + 4, "text-anchor": "end" }, plot).textContent = `${value}`;
  }
  const { better } = head.dataset;
  make("text", { x: (L + R) / 2, y: B + 40, "text-anchor": "middle" }, plot).textContent = "median latency, ms (log)";
  make("text", { x: 16, y: (T + B) / 2, "text-anchor": "middle", transform: `rotate(-90 16 ${(T + B) / 2})` }, plot)
    .textContent = `${head.textContent}${better && `, ${better} is better`}`;
};

const frontOf = (points, sign) => {
  const front = [];
  for (const point of [...points].sort((a, b) => a.x - b.x || sign * (a.y - b.y))) {
    if (!front.length || sign * point.y < sign * front.at(-1).y) front.push(point);
  }
  return front;
};

const drawPoint = (point, X, Y, spot) => {
  const { label, colour, shape } = look.methods[point.row.dataset.method];
  const group = make("g", {
    class: `point-group${doubtOf(point.row) && " doubtful"}`, tabindex: "0", role: "button", "aria-label": describe(point.row),
    transform: `translate(${X(point.x)} ${Y(point.y)})`,
  }, plot);
  group.row = point.row;
  group.style.color = colour;
  make("path", { class: "point", d: shape, transform: `scale(${radius(point.row)})`, "vector-effect": "non-scaling-stroke", fill: colour }, group);
  if (spot) {
    if (spot.led) make("line", { class: "lead", x1: 0, y1: 0, x2: spot.x, y2: spot.y }, group);
    make("text", { x: spot.x, y: spot.y + 4, "text-anchor": spot.anchor }, group).textContent = point.text;
  }
  const reveal = () => {
    pick(point.row);
    point.row.scrollIntoView({ block: "nearest" });
  };
  group.addEventListener("pointerenter", () => pick(point.row));
  group.addEventListener("focus", () => pick(point.row));
  group.addEventListener("click", reveal);
  group.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      reveal();
    }
  });
};

const draw = () => {
  plot.replaceChildren();
  const column = columnOf[metric.value];
  if (column === undefined) return;
  const points = rows.filter((row) => !row.hidden)
    .map((row) => ({ row, x: numberOf(row, columnOf.latency), y: numberOf(row, column) }))
    .filter(({ x, y }) => x > 0 && Number.isFinite(x) && Number.isFinite(y));
  // One unit is one pixel, so that texts stay legible on a phone.
  const width = Math.max(320, Math.round(plot.parentElement.clientWidth - 2 * Number.parseFloat(getComputedStyle(plot.parentElement).paddingLeft)));
  plot.setAttribute("viewBox", `0 0 ${width} 420`);
  const [L, R, T, B] = [62, width - 12, 15, 370];
  const xs = [look.realTimeMs, ...points.map((p) => p.x)].map(Math.log10);
  const [x0, x1] = [Math.min(...xs) - 0.25, Math.max(...xs) + 0.45];
  const ys = points.length ? points.map((p) => p.y) : [0, 1];
  const pad = (Math.max(...ys) - Math.min(...ys)) * 0.12 || Math.abs(ys[0]) * 0.1 || 1;
  const [y0, y1] = [Math.min(...ys) - pad, Math.max(...ys) + pad];
  const X = (value) => L + ((Math.log10(value) - x0) / (x1 - x0)) * (R - L);
  const Y = (value) => B - ((value - y0) / (y1 - y0)) * (B - T);
  drawAxes(X, Y, [x0, x1, y0, y1], [L, R, T, B], heads[column]);

  const { better } = heads[column].dataset;
  const front = frontOf(points, better === "higher" ? -1 : 1);
  const oneSize = size.value !== "";
  if (oneSize && better) {
    const path = front.map((p, i) => (i ? `H${X(p.x)}V${Y(p.y)}` : `M${X(p.x)},${Y(p.y)}`)).join("");
    if (path) make("path", { class: "front", d: path }, plot);
  }
  if (!oneSize) {
    // Of several sizes a line joins those of a method: a front across sizes would compare different tasks.
    for (const name of new Set(points.map((p) => p.row.dataset.method))) {
      const path = points.filter((p) => p.row.dataset.method === name).sort((a, b) => a.x - b.x).map((p, i) => `${i ? "L" : "M"}${X(p.x)},${Y(p.y)}`).join("");
      make("path", { class: "series", d: path, stroke: look.methods[name].colour }, plot);
    }
  }
  for (const point of points) {
    const { label } = look.methods[point.row.dataset.method];
    const labelled = points.length <= 12 || (oneSize && front.includes(point));
    point.text = labelled ? (oneSize ? label : `${label} ${point.row.dataset.size}`) : "";
  }
  points.sort((a, b) => radius(b.row) - radius(a.row));
  const spots = placeLabels(
    points.map((p) => ({ x: X(p.x), y: Y(p.y), radius: radius(p.row), text: p.text, width: measure.measureText(p.text).width + 4 })),
    { left: L, right: R, top: T, bottom: B },
  );
  points.forEach((point, index) => drawPoint(point, X, Y, spots[index]));
  pick(picked !== null && !picked.hidden ? picked : null);
};
