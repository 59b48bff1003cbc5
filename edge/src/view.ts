/** The picture on its canvas: scale and place, the mask over it, before and after, the brush. */

import type { Operation } from "./core/mask.js";

const MOST = 16;
const COLOUR = "rgb(179 38 30)";
const OPACITY = 0.6;

/** What is drawn; lengths are pixels of the picture. */
export interface Content {
  picture: ImageBitmap | null;
  filled: ImageBitmap | null;
  /** Share of the width where before ends and after begins. */
  split: number;
  operations: readonly Operation[];
  previews: readonly ImageBitmap[];
  brush: { readonly x: number; readonly y: number; readonly radius: number } | null;
}

export class View {
  readonly content: Content = { picture: null, filled: null, split: 0, operations: [], previews: [], brush: null };
  readonly #canvas: HTMLCanvasElement;
  readonly #overlay = document.createElement("canvas");
  #scale = 1;
  #left = 0;
  #top = 0;
  #asked = false;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    new ResizeObserver(() => {
      const fitted = this.isFitted;
      canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
      canvas.height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
      if (fitted) this.fit();
      this.draw();
    }).observe(canvas);
  }

  /** Pixels of the screen for one of the picture. */
  get scale(): number {
    return this.#scale;
  }

  get #fittingScale(): number {
    const { picture } = this.content;
    return picture ? Math.min(this.#canvas.width / picture.width, this.#canvas.height / picture.height) : 1;
  }

  get isFitted(): boolean {
    return this.content.picture === null || Math.abs(this.#scale / this.#fittingScale - 1) < 1e-6;
  }

  /** Find the position in the picture under a position of the window. */
  at(clientX: number, clientY: number): readonly [number, number] {
    const box = this.#canvas.getBoundingClientRect();
    const x = ((clientX - box.left) * this.#canvas.width) / box.width;
    const y = ((clientY - box.top) * this.#canvas.height) / box.height;
    return [(x - this.#left) / this.#scale, (y - this.#top) / this.#scale];
  }

  /** Find the position in the picture at the middle of what is seen. */
  get middle(): readonly [number, number] {
    const box = this.#canvas.getBoundingClientRect();
    return this.at(box.left + box.width / 2, box.top + box.height / 2);
  }

  /** Show the whole picture. */
  fit(): void {
    const { picture } = this.content;
    if (!picture) return;
    this.#scale = this.#fittingScale;
    this.#left = (this.#canvas.width - this.#scale * picture.width) / 2;
    this.#top = (this.#canvas.height - this.#scale * picture.height) / 2;
    this.draw();
  }

  /** Magnify around a position of the window that stays where it is. */
  zoom(factor: number, clientX: number, clientY: number): void {
    const [x, y] = this.at(clientX, clientY);
    const least = Math.min(this.#fittingScale, 1);
    const scale = Math.min(Math.max(this.#scale * factor, least), MOST);
    this.#left += x * (this.#scale - scale);
    this.#top += y * (this.#scale - scale);
    this.#scale = scale;
    this.#bound();
  }

  /** Magnify around the middle. */
  zoomBy(factor: number): void {
    const box = this.#canvas.getBoundingClientRect();
    this.zoom(factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  /** Move by pixels of the window. */
  pan(dx: number, dy: number): void {
    this.#left += dx * devicePixelRatio;
    this.#top += dy * devicePixelRatio;
    this.#bound();
  }

  /** Keep the middle of the canvas inside the picture, and draw. */
  #bound(): void {
    const { picture } = this.content;
    if (!picture) return;
    const [across, down] = [this.#canvas.width / 2, this.#canvas.height / 2];
    this.#left = Math.min(Math.max(this.#left, across - this.#scale * picture.width), across);
    this.#top = Math.min(Math.max(this.#top, down - this.#scale * picture.height), down);
    this.draw();
  }

  /** Draw with the next frame. */
  draw(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const { picture, filled, split, brush } = this.content;
    const { width, height } = this.#canvas;
    const context = contextOf(this.#canvas);
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    if (!picture) return;
    context.imageSmoothingEnabled = this.#scale < 1;
    context.imageSmoothingQuality = "medium";
    this.#drawPicture(context, picture);
    if (filled) {
      const border = this.#left + split * this.#scale * picture.width;
      context.save();
      context.beginPath();
      context.rect(border, 0, width, height);
      context.clip();
      this.#drawPicture(context, filled);
      context.restore();
      if (split > 0 && split < 1) {
        context.fillStyle = "#fff";
        context.fillRect(border - 1.5, 0, 3, height);
        context.fillStyle = "#000";
        context.fillRect(border - 0.5, 0, 1, height);
      }
      return;
    }
    this.#drawMask();
    context.globalAlpha = OPACITY;
    context.drawImage(this.#overlay, 0, 0);
    context.globalAlpha = 1;
    if (!brush) return;
    for (const [colour, line] of [["#000", 3], ["#fff", 1]] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line * devicePixelRatio;
      context.beginPath();
      const [x, y] = [this.#left + brush.x * this.#scale, this.#top + brush.y * this.#scale];
      context.arc(x, y, Math.max(2, brush.radius * this.#scale), 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Draw the part that is seen; the whole of a large picture would take long at every frame. */
  #drawPicture(context: CanvasRenderingContext2D, picture: ImageBitmap): void {
    const left = Math.max(0, Math.floor(-this.#left / this.#scale));
    const top = Math.max(0, Math.floor(-this.#top / this.#scale));
    const right = Math.min(picture.width, Math.ceil((this.#canvas.width - this.#left) / this.#scale));
    const bottom = Math.min(picture.height, Math.ceil((this.#canvas.height - this.#top) / this.#scale));
    if (right <= left || bottom <= top) return;
    const [x, y] = [this.#left + left * this.#scale, this.#top + top * this.#scale];
    const [w, h] = [(right - left) * this.#scale, (bottom - top) * this.#scale];
    context.drawImage(picture, left, top, right - left, bottom - top, x, y, w, h);
  }

  #drawMask(): void {
    const { picture, operations, previews } = this.content;
    const overlay = this.#overlay;
    overlay.width = this.#canvas.width;
    overlay.height = this.#canvas.height;
    const context = contextOf(overlay);
    context.setTransform(this.#scale, 0, 0, this.#scale, this.#left, this.#top);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = COLOUR;
    for (const operation of operations) {
      if (operation.kind === "clear") context.clearRect(0, 0, picture!.width, picture!.height);
      else if (operation.kind === "stored") {
        context.imageSmoothingEnabled = false;
        context.drawImage(previews[operation.number]!, 0, 0, picture!.width, picture!.height);
      } else {
        const { points, radius, erase } = operation;
        context.globalCompositeOperation = erase ? "destination-out" : "source-over";
        context.lineWidth = 2 * radius;
        context.beginPath();
        context.moveTo(points[0]!, points[1]!);
        context.lineTo(points[0]!, points[1]!);
        for (let n = 2; n < points.length; n += 2) context.lineTo(points[n]!, points[n + 1]!);
        context.stroke();
        context.globalCompositeOperation = "source-over";
      }
    }
    context.globalCompositeOperation = "destination-in";
    context.fillRect(0, 0, picture!.width, picture!.height);
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no canvas");
  return context;
}
