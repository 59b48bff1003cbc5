// The gallery: tiles grouped by the kind of their mask, with the pictures that a reader chooses.
const gallery = at("gallery");
const tiles = [...gallery.querySelectorAll("li")];
const groupings = JSON.parse(gallery.dataset.groups);
const [by, source] = ["by", "source"].map(at);

const group = () => {
  const [, labels] = groupings[by?.value] ?? ["", [""]];
  const lists = labels.map((label) => {
    const inside = tiles.filter((tile) => !label || JSON.parse(tile.dataset.labels)[by.value] === label);
    const list = document.createElement("ul");
    list.className = "tiles";
    list.append(...inside);
    const title = document.createElement("h2");
    title.textContent = label ? `${label} (${inside.length})` : "";
    title.hidden = !label;
    return [title, list];
  });
  gallery.replaceChildren(...lists.flat());
};

const show = () => {
  for (const tile of tiles) {
    const image = tile.querySelector("img");
    if (!image) continue;
    const method = source.value.startsWith("method-") && source.value.slice("method-".length);
    const there = !method || tile.dataset.methods.split(" ").includes(method);
    tile.hidden = !there;
    if (there) image.src = `thumbnails/${tile.dataset.file}/${source.value}.webp`;
  }
};

if (by) remembered(by, "by", group);
if (source) remembered(source, "source", show);
group();
if (source) show();
ready();
