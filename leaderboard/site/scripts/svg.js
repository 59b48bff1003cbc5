// Drawing by hand: elements of an SVG, and round numbers for its axes.
const make = (name, attributes, parent, text) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
};

const ticks = (low, high) => {
  const step = 10 ** Math.floor(Math.log10((high - low) / 2));
  const spacing = [step / 2, step, 2 * step, 5 * step].find((candidate) => (high - low) / candidate <= 7);
  const first = Math.ceil(low / spacing);
  return Array.from({ length: Math.floor(high / spacing) - first + 1 }, (_, i) => Number(((first + i) * spacing).toPrecision(6)));
};
