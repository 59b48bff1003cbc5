"use strict";
(() => {
  const table = document.getElementById("board");
  const body = table.tBodies[0];
  const size = document.getElementById("size");
  const shown = document.getElementById("shown");

  const filter = () => {
    let count = 0;
    for (const row of body.rows) {
      row.hidden = size.value !== "" && row.dataset.size !== size.value;
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${body.rows.length} rows`;
  };

  const sort = (column, direction) => {
    const value = (row) => row.cells[column].dataset.value;
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const [p, q] = [Number(x), Number(y)];
      const order = Number.isNaN(p) || Number.isNaN(q) ? x.localeCompare(y) : p - q;
      return direction * order;
    });
    body.append(...rows);
  };

  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.firstElementChild.addEventListener("click", () => {
      const ascending = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      sort(column, ascending ? 1 : -1);
    });
  });
  size.addEventListener("change", filter);
  filter();
})();
