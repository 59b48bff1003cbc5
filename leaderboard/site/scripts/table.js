// The table of the board: rows, columns that a reader chooses, order.
const table = at("board");
const heads = [...table.tHead.rows[0].cells];
const rows = [...table.tBodies[0].rows];
const columnOf = Object.fromEntries(heads.map((head, index) => [head.dataset.key, index]));
const box = table.parentElement;

// A cell's first text is its value; an interval may follow it.
const textOf = (row, column) => row.cells[column].firstChild.textContent.trim();
const numberOf = (row, column) => (textOf(row, column) === "–" ? NaN : Number(textOf(row, column)));

const sort = (column, direction) => {
  heads.forEach((head, index) => (index === column ? head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending") : head.removeAttribute("aria-sort")));
  const value = new Map(rows.map((row) => [row, textOf(row, column)]));
  rows.sort((a, b) => {
    const [x, y] = [value.get(a), value.get(b)];
    if (x === "–" || y === "–") return (x === "–") - (y === "–");
    const [p, q] = [Number(x), Number(y)];
    return direction * (Number.isNaN(p) || Number.isNaN(q) ? x.localeCompare(y, "en", { numeric: true }) : p - q);
  });
  table.tBodies[0].append(...rows);
};

// The first click on a heading brings the best to the top, the next one the worst.
const bestFirst = (head) => (head.dataset.better === "higher" ? -1 : 1);
heads.forEach((head, column) => {
  head.firstElementChild.addEventListener("click", () => {
    const now = { ascending: 1, descending: -1 }[head.getAttribute("aria-sort")];
    const direction = now === undefined ? bestFirst(head) : -now;
    sort(column, direction);
    state.set("sort", `${head.dataset.key}:${direction}`, "");
  });
});

const visibility = () => heads.map((head) => !head.hidden);
const more = () => box.classList.toggle("more", box.scrollWidth - box.clientWidth - box.scrollLeft > 4);
box.addEventListener("scroll", more, { passive: true });

// The method is always there: it names the row. The size is, when rows of several are.
const optional = heads.filter((head) => !["method", "size"].includes(head.dataset.key));
const showColumns = (keys) => {
  heads.forEach((head, column) => {
    const { key } = head.dataset;
    head.hidden = key === "size" ? at("size").value !== "" : key !== "method" && !keys.has(key);
    for (const row of rows) row.cells[column].hidden = head.hidden;
  });
  for (const tick of at("boxes").querySelectorAll("input")) tick.checked = keys.has(tick.value);
  more();
};

const PRESETS = {
  Summary: (head) => head.dataset.start === "1",
  Hole: (head) => head.dataset.region !== "full",
  "Full image": (head) => ["", "full"].includes(head.dataset.region),
  Everything: () => true,
};
const keysOf = (rule) => new Set(optional.filter(rule).map((head) => head.dataset.key));
const atStart = keysOf(PRESETS.Summary);
let visible = atStart;
const choose = (keys) => {
  visible = keys;
  state.set("columns", [...keys].join(","), [...atStart].join(","));
  showColumns(keys);
};
for (const [name, rule] of Object.entries(PRESETS)) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => choose(keysOf(rule)));
  at("presets").append(button);
}
for (const head of optional) {
  const [label, tick] = ["label", "input"].map((name) => document.createElement(name));
  tick.type = "checkbox";
  tick.value = head.dataset.key;
  tick.addEventListener("change", () => choose(new Set(optional.map(({ dataset }) => dataset.key).filter((key) => (key === tick.value ? tick.checked : visible.has(key))))));
  label.append(tick, head.textContent);
  at("boxes").append(label);
}
const named = state.get("columns", "").split(",").filter((key) => optional.some((head) => head.dataset.key === key));
if (named.length) visible = new Set(named);

const cellsOf = (row) => [...row.cells].map((cell) => ({ text: cell.firstChild.textContent.trim(), mark: ["best", "tied"].find((mark) => cell.classList.contains(mark)) ?? "" }));
const visibleTable = () => {
  const columns = visibility();
  const pick = (cells) => cells.filter((_cell, index) => columns[index]);
  return [pick(heads.map((head) => ({ text: head.textContent, left: head.classList.contains("name") }))), rows.filter((row) => !row.hidden).map((row) => pick(cellsOf(row)))];
};
for (const button of document.querySelectorAll("button[data-table]")) {
  button.addEventListener("click", () => {
    const kind = button.dataset.table;
    const [header, body] = visibleTable();
    const text = kind === "link" ? location.href : kind === "latex" ? asLatex(header, body) : asMarkdown(header, body);
    copy(text, at("count"), kind === "link" ? "Link copied" : `${body.length} rows copied as ${button.textContent}`);
    button.closest("details").open = false;
  });
}
// A menu closes with Escape, and by a click elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
