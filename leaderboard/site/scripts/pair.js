// Two methods on the images that both have a value of: counts, mean, tests.
const data = JSON.parse(at("data").textContent);
const sign = data.higher ? 1 : -1;
const numbers = (value, digits = data.digits) => value.toFixed(digits);
const signed = (value) => `${value < 0 ? "−" : "+"}${numbers(Math.abs(value))}`;
const chance = (p) => (p < 0.001 ? "< 0.001" : p.toFixed(3));

const pairOf = (of, first, second) => {
  const [a, b] = [of.values[first], of.values[second]];
  const images = [];
  a.forEach((value, index) => {
    if (value !== null && b[index] !== null) {
      images.push({ index, x: value / data.unit, y: b[index] / data.unit, gap: (value - b[index]) / data.unit });
    }
  });
  const direct = of.tests[`${first},${second}`];
  const turned = of.tests[`${second},${first}`];
  const [t, ranks, adjusted, low, high] = direct ?? turned ?? [];
  const ends = low === null || low === undefined ? null : (direct ? [low, high] : [-high, -low]).map((end) => end / data.unit);
  return {
    images,
    mean: images.reduce((sum, { gap }) => sum + gap, 0) / images.length,
    first: images.filter(({ gap }) => sign * gap > 0).length,
    second: images.filter(({ gap }) => sign * gap < 0).length,
    t, ranks, adjusted, ends,
  };
};
