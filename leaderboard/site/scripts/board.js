// The first page: what is shown of the table and its plot, kept in the address.
const [device, text] = ["device", "text"].map(at);

const filter = () => {
  const query = text.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = (size.value !== "" && row.dataset.size !== size.value)
      || (device !== null && device.value !== "" && row.dataset.device !== device.value)
      || !row.dataset.method.toLowerCase().includes(query);
    count += row.hidden ? 0 : 1;
  }
  at("count").textContent = `${count} of ${rows.length} rows`;
  showColumns(visible);
  draw();
};

remembered(size, "size", filter);
remembered(metric, "metric", draw);
if (device !== null) remembered(device, "device", filter);
text.value = state.get("text", "");
text.addEventListener("input", () => {
  state.set("text", text.value, "");
  filter();
});
at("intervals").checked = state.get("intervals", "1") === "1";
const showIntervals = () => table.classList.toggle("plain-means", !at("intervals").checked);
at("intervals").addEventListener("change", () => {
  state.set("intervals", at("intervals").checked ? "1" : "0", "1");
  showIntervals();
});
showIntervals();
const [key, direction] = state.get("sort", "").split(":");
if (Object.hasOwn(columnOf, key)) sort(columnOf[key], direction === "-1" ? -1 : 1);
for (const row of rows) row.addEventListener("pointerenter", () => pick(row));
window.addEventListener("resize", () => {
  more();
  draw();
});
filter();
ready();
