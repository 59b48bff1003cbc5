"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const table = at("board");
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const [size, region, metric, origin, device, text] = ["size", "region", "metric", "origin", "device", "text"].map(at);
  const columnOf = Object.fromEntries(heads.map((head, index) => [head.dataset.key, index]));
  const plot = at("plot");
  const look = JSON.parse(plot.dataset.look);
  const hint = at("told").textContent;
  let picked = null;

  // A cell's first text is its value; an interval may follow it.
  const textOf = (row, column) => row.cells[column].firstChild.textContent.trim();
  const numberOf = (row, column) => (textOf(row, column) === "–" ? NaN : Number(textOf(row, column)));

  const sort = (column, direction) => {
    const value = new Map(rows.map((row) => [row, textOf(row, column)]));
    rows.sort((a, b) => {
      const [x, y] = [value.get(a), value.get(b)];
      if (x === "–" || y === "–") return (x === "–") - (y === "–");
      const [p, q] = [Number(x), Number(y)];
      return direction * (Number.isNaN(p) || Number.isNaN(q) ? x.localeCompare(y, "en", { numeric: true }) : p - q);
    });
    table.tBodies[0].append(...rows);
  };

  const filter = () => {
    const query = text.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      row.hidden = (size.value !== "" && row.dataset.size !== size.value)
        || (device.value !== "" && row.dataset.device !== device.value)
        || !row.dataset.method.toLowerCase().includes(query);
      count += row.hidden ? 0 : 1;
    }
    at("count").textContent = `${count} of ${rows.length} rows`;
    at("measured").hidden = origin.value === "reported";
    at("reported").hidden = origin.value === "measured";
    draw();
  };

  const chooseRegion = () => {
    heads.forEach((head, column) => {
      const hidden = region.value !== "" && head.dataset.region !== "" && head.dataset.region !== region.value;
      head.hidden = hidden;
      for (const row of rows) row.cells[column].hidden = hidden;
    });
  };

  const make = (name, attributes, parent) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };

  const ticks = (low, high) => {
    const step = 10 ** Math.floor(Math.log10((high - low) / 2));
    const spacing = [step / 2, step, 2 * step, 5 * step].find((candidate) => (high - low) / candidate <= 7);
    const first = Math.ceil(low / spacing);
    return Array.from({ length: Math.floor(high / spacing) - first + 1 }, (_, i) => Number(((first + i) * spacing).toPrecision(6)));
  };

  const pick = (row) => {
    picked = row;
    for (const other of rows) other.classList.toggle("picked", other === row);
    for (const group of plot.querySelectorAll(".point-group")) group.classList.toggle("picked", row !== null && group.row === row);
    at("told").textContent = row === null ? hint : describe(row);
  };

  const describe = (row) => {
    const millions = Number(row.dataset.parameters) / 1e6;
    const of = `${heads[columnOf[metric.value]].textContent} ${textOf(row, columnOf[metric.value])}`;
    return `${row.dataset.method} at size ${row.dataset.size}: ${of}, ${textOf(row, columnOf.latency)} ms, ${millions.toFixed(2)} M parameters`;
  };

  const draw = () => {
    plot.replaceChildren();
    const column = columnOf[metric.value];
    if (column === undefined) return;
    const points = rows.filter((row) => !row.hidden)
      .map((row) => ({ row, x: numberOf(row, columnOf.latency), y: numberOf(row, column) }))
      .filter(({ x, y }) => x > 0 && Number.isFinite(x) && Number.isFinite(y));
    // One unit is one pixel, so that texts stay legible on a phone.
    const width = Math.max(320, Math.round(plot.parentElement.clientWidth));
    plot.setAttribute("viewBox", `0 0 ${width} 420`);
    const [L, R, T, B] = [62, width - 12, 15, 370];
    const xs = [look.realTimeMs, ...points.map((p) => p.x)].map(Math.log10);
    const [x0, x1] = [Math.min(...xs) - 0.25, Math.max(...xs) + 0.45];
    const ys = points.length ? points.map((p) => p.y) : [0, 1];
    const pad = (Math.max(...ys) - Math.min(...ys)) * 0.12 || Math.abs(ys[0]) * 0.1 || 1;
    const [y0, y1] = [Math.min(...ys) - pad, Math.max(...ys) + pad];
    const X = (value) => L + ((Math.log10(value) - x0) / (x1 - x0)) * (R - L);
    const Y = (value) => B - ((value - y0) / (y1 - y0)) * (B - T);
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
    const better = heads[column].dataset.better;
    make("text", { x: (L + R) / 2, y: B + 40, "text-anchor": "middle" }, plot).textContent = "median latency, ms (log)";
    make("text", { x: 16, y: (T + B) / 2, "text-anchor": "middle", transform: `rotate(-90 16 ${(T + B) / 2})` }, plot)
      .textContent = `${heads[column].textContent}${better && `, ${better} is better`}`;

    const sign = better === "higher" ? -1 : 1;
    const front = [];
    for (const point of [...points].sort((a, b) => a.x - b.x || sign * (a.y - b.y))) {
      if (!front.length || sign * point.y < sign * front.at(-1).y) front.push(point);
    }
    if (size.value !== "" && better) {
      const path = front.map((p, i) => (i ? `H${X(p.x)}V${Y(p.y)}` : `M${X(p.x)},${Y(p.y)}`)).join("");
      if (path) make("path", { class: "front", d: path }, plot);
    }
    const radius = (row) => 6 + Math.min(16, 1.6 * Math.sqrt(Number(row.dataset.parameters) / 1e6));
    for (const point of points.sort((a, b) => radius(b.row) - radius(a.row))) {
      const { label, colour, shape } = look.methods[point.row.dataset.method];
      const group = make("g", {
        class: "point-group", tabindex: "0", role: "button", "aria-label": describe(point.row),
        transform: `translate(${X(point.x)} ${Y(point.y)})`,
      }, plot);
      group.row = point.row;
      make("path", {
        class: "point", d: shape, transform: `scale(${radius(point.row)})`, "vector-effect": "non-scaling-stroke",
        fill: colour, "fill-opacity": 0.85,
      }, group);
      if (front.includes(point) || points.length <= 8) {
        const atEnd = X(point.x) > (L + 2 * R) / 3;
        const side = atEnd ? -1 : 1;
        make("text", { x: side * (radius(point.row) + 5), y: -6, "text-anchor": atEnd ? "end" : "start" }, group).textContent = label;
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
    }
    pick(picked !== null && !picked.hidden ? picked : null);
  };

  heads.forEach((head, column) => {
    head.firstElementChild.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(column, ascending ? 1 : -1);
    });
  });
  for (const row of rows) row.addEventListener("pointerenter", () => pick(row));
  for (const control of [size, origin, device]) control.addEventListener("change", filter);
  text.addEventListener("input", filter);
  metric.addEventListener("change", draw);
  region.addEventListener("change", chooseRegion);
  at("intervals").addEventListener("change", (event) => table.classList.toggle("plain-means", !event.target.checked));
  window.addEventListener("resize", draw);
  filter();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
