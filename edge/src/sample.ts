/** A picture for those who have none at hand: hills of stripes, drawn here, free of everybody's rights. */

const WIDTH = 4032;
const HEIGHT = 3024;

/** Draw 12 megapixels and give them as PNG. */
export async function sample(): Promise<Blob> {
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext("2d")!;
  const sky = context.createLinearGradient(0, 0, 0, HEIGHT);
  sky.addColorStop(0, "#6ea3d8");
  sky.addColorStop(1, "#f2e6cf");
  context.fillStyle = sky;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  for (let ridge = 0; ridge < 60; ridge++) {
    const depth = ridge / 60;
    context.fillStyle = `hsl(${95 + 25 * Math.sin(ridge)} ${20 + 30 * depth}% ${62 - 38 * depth + 4 * (ridge % 2)}%)`;
    context.beginPath();
    context.moveTo(0, HEIGHT);
    for (let x = 0; x <= WIDTH; x += 12) {
      const wave = Math.sin(x / (310 + 170 * depth) + 1.7 * ridge) + 0.4 * Math.sin(x / 83 + 2.9 * ridge);
      context.lineTo(x, HEIGHT * (0.42 + 0.58 * depth) - (40 + 60 * depth) * wave);
    }
    context.lineTo(WIDTH, HEIGHT);
    context.fill();
  }
  return canvas.convertToBlob({ type: "image/png" });
}
