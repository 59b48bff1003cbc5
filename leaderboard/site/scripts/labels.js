// Places for labels beside points, so that no label covers another or a point.
const placeLabels = (points, bounds) => {
  const taken = points.map(({ x, y, radius }) => [x - radius, y - radius, x + radius, y + radius]);
  const clashes = ([l, t, r, b]) => l < bounds.left || r > bounds.right || t < bounds.top || b > bounds.bottom
    || taken.some(([L, T, R, B]) => l < R && r > L && t < B && b > T);
  return points.map(({ x, y, radius, text, width }) => {
    if (!text) return null;
    const far = radius + 4;
    for (const [reach, led] of [[0, false], [14, true], [28, true], [44, true]]) {
      for (const [across, down] of [[1, -1], [1, 1], [-1, -1], [-1, 1], [1, 0], [-1, 0], [0, -1], [0, 1]]) {
        const px = x + across * (far + reach * 0.6);
        const py = y + down * (far + reach) * (across ? 0.75 : 1.4);
        const left = across > 0 ? px : across < 0 ? px - width : px - width / 2;
        const rectangle = [left, py - 8, left + width, py + 8];
        if (!clashes(rectangle)) {
          taken.push(rectangle);
          return { x: px - x, y: py - y, anchor: ["end", "middle", "start"][across + 1], led };
        }
      }
    }
    return null;
  });
};
