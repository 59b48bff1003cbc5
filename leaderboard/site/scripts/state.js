// State of a page in its address, after the #, so that a link brings back what somebody saw.
const at = (id) => document.getElementById(id);
const state = (() => {
  const values = new URLSearchParams(location.hash.slice(1));
  return {
    get: (name, otherwise) => values.get(name) ?? otherwise,
    // What is as at the start is left out: addresses stay short.
    set: (name, value, otherwise) => {
      if (String(value) === String(otherwise)) values.delete(name);
      else values.set(name, value);
      history.replaceState(null, "", `#${values}`);
    },
  };
})();
window.addEventListener("hashchange", () => location.reload());

// A select whose choice stands in the address; an unknown choice there is ignored.
const remembered = (select, name, changed) => {
  const otherwise = select.value;
  const requested = state.get(name, otherwise);
  if ([...select.options].some((option) => option.value === requested)) select.value = requested;
  select.addEventListener("change", () => {
    state.set(name, select.value, otherwise);
    changed();
  });
};

const option = (select, value, text) => {
  const element = document.createElement("option");
  element.value = value;
  element.textContent = text;
  select.append(element);
};

const ready = () => {
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
};
