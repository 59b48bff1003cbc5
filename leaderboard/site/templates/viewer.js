"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const data = JSON.parse(at("data").textContent);
  const [size, left, right, zoom, slide, stage] = ["size", "left", "right", "zoom", "slide", "stage"].map(at);
  const title = { original: "Original", input: "Input with its hole" };
  let view = 0;

  const option = (select, value, text) => {
    const element = document.createElement("option");
    element.value = value;
    element.textContent = text;
    select.append(element);
  };
  const nameOf = (source) => title[source] ?? data.names[source.slice("method-".length)];
  const current = () => data.sizes[Number(size.value)];

  const fillSources = () => {
    const sources = ["original", "input", ...current().methods.map((method) => `method-${method}`)];
    for (const [select, first] of [[left, "original"], [right, sources[2]]]) {
      const before = select.value;
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
        show();
      });
      return button;
    }));
  };

  const show = () => {
    const { name, width, height, window: [x, y, w, h] } = current().views[view];
    const folder = `${data.folder}/${current().size}/${name}`;
    at("left-picture").src = `${folder}-${left.value}.webp`;
    at("right-picture").src = `${folder}-${right.value}.webp`;
    at("left-picture").alt = `Left: ${nameOf(left.value)}`;
    at("right-picture").alt = `Right: ${nameOf(right.value)}`;
    at("outline-picture").hidden = !at("outline").checked;
    if (at("outline").checked) at("outline-picture").src = `${folder}-outline.png`;
    const fit = Math.min(1, stage.parentElement.parentElement.clientWidth / width);
    const scale = zoom.value === "fit" ? fit : Number(zoom.value);
    stage.style.width = `${Math.floor(width * scale)}px`;
    stage.style.height = `${Math.floor(height * scale)}px`;
    stage.classList.toggle("zoomed", scale > 1);
    at("told").textContent = `${nameOf(left.value)} | ${nameOf(right.value)}; pixels ${x}–${x + w} × ${y}–${y + h} at size ${current().size}`;
    move();
  };

  const move = () => {
    const percent = Number(slide.value);
    at("left-picture").style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
    at("divider").style.left = `calc(${percent}% - 1px)`;
    slide.setAttribute("aria-valuetext", `${Math.round(percent)} % ${nameOf(left.value)}`);
  };

  const follow = (event) => {
    const box = stage.getBoundingClientRect();
    slide.value = String((100 * (event.clientX - box.left)) / box.width);
    move();
  };
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (event.buttons) follow(event);
  });
  slide.addEventListener("input", move);
  for (const select of [left, right, zoom, at("outline")]) select.addEventListener("change", show);
  window.addEventListener("resize", show);
  size.addEventListener("change", () => {
    fillSources();
    fillViews();
    show();
  });

  data.sizes.forEach((views, index) => option(size, String(index), views.size));
  size.value = String(data.sizes.length - 1);
  fillSources();
  fillViews();
  show();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
