"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const element = (id) => document.getElementById(id);
  const store = `df8k-vote-${data.study}`;
  // A page that may not store (some browsers, from the disk) still works until it is closed.
  const remembered = (() => {
    try { return JSON.parse(localStorage.getItem(store)) || null; } catch { return null; }
  })();
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const state = remembered || { voter: random(), votes: [] };
  let since = performance.now();
  let hole = false;

  const pictures = (pair) => {
    for (const side of ["left", "right"]) {
      element(`${side}-picture`).src = `crops/${hole ? pair.hole : pair[side]}.png`;
    }
  };
  const preload = (pair) => {
    for (const side of pair ? ["left", "right", "hole"] : []) { new Image().src = `crops/${pair[side]}.png`; }
  };
  const show = () => {
    const place = state.votes.length;
    const pair = data.pairs[place];
    hole = false;
    element("show").setAttribute("aria-pressed", "false");
    element("done").hidden = Boolean(pair);
    element("pair").hidden = !pair;
    element("progress").textContent = pair ? `Pair ${place + 1} of ${data.pairs.length}` : `${place} of ${data.pairs.length} pairs decided`;
    if (pair) { pictures(pair); preload(data.pairs[place + 1]); }
    since = performance.now();
  };
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(state)); } catch { /* nothing to keep it in */ } };
  const vote = (choice) => {
    const pair = data.pairs[state.votes.length];
    if (!pair) { return; }
    state.votes.push({ pair: pair.pair, choice, ms: Math.round(performance.now() - since) });
    keep();
    show();
  };
  const back = () => { state.votes.pop(); keep(); show(); };
  const toggle = () => {
    const pair = data.pairs[state.votes.length];
    if (!pair) { return; }
    hole = !hole;
    element("show").setAttribute("aria-pressed", String(hole));
    pictures(pair);
  };
  const save = () => {
    const text = JSON.stringify({ study: data.study, voter: state.voter, votes: state.votes }, null, 1);
    const box = element("votes");
    box.value = text;
    box.hidden = false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `votes-${data.study}-${state.voter}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const actions = {
    ArrowLeft: () => vote("left"), ArrowRight: () => vote("right"), ArrowDown: () => vote("tie"),
    Backspace: back, h: toggle, s: save,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.id === "votes") { return; }
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  element("left").addEventListener("click", () => vote("left"));
  element("right").addEventListener("click", () => vote("right"));
  element("tie").addEventListener("click", () => vote("tie"));
  element("show").addEventListener("click", toggle);
  element("back").addEventListener("click", back);
  element("export").addEventListener("click", save);
  show();
})();
