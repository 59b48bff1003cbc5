/** Mouse, finger, pen and keys on the picture. */

import type { Operation } from "./core/mask.js";
import type { View } from "./view.js";

/** What gestures act on. */
export interface Gestures {
  readonly view: View;
  radius(): number;
  tool(): "paint" | "erase" | "move";
  isMasking(): boolean;
  add(operation: Operation): void;
  replaceLast(operation: Operation): void;
  undo(): void;
  moved(): void;
  resizeBrush(step: number): void;
}

const STEP_PX = 12;

/** Paint with one pointer; move and magnify with two fingers, the tool, the middle button or the wheel. */
export function followPointers(canvas: HTMLCanvasElement, on: Gestures): void {
  const { view } = on;
  const down = new Map<number, readonly [number, number]>();
  let stroke: Extract<Operation, { kind: "stroke" }> | null = null;
  let pinched = false;

  const showBrush = (event: PointerEvent): void => {
    const [x, y] = view.at(event.clientX, event.clientY);
    const paints = on.isMasking() && on.tool() !== "move";
    view.content.brush = paints ? { x, y, radius: on.radius() } : null;
    view.draw();
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!view.content.picture) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, [event.clientX, event.clientY]);
    if (down.size > 1) {
      // The first finger of two painted nothing that was meant.
      if (stroke) on.undo();
      stroke = null;
      pinched = true;
      return;
    }
    const paints = on.isMasking() && on.tool() !== "move" && event.button === 0 && !pinched;
    if (!paints) return;
    const points = [...view.at(event.clientX, event.clientY)];
    stroke = { kind: "stroke", erase: on.tool() === "erase", radius: on.radius(), points };
    on.add(stroke);
  });

  canvas.addEventListener("pointermove", (event) => {
    showBrush(event);
    const before = down.get(event.pointerId);
    if (!before) return;
    if (stroke) {
      const events = event.getCoalescedEvents();
      const added = (events.length ? events : [event]).flatMap(({ clientX, clientY }) => view.at(clientX, clientY));
      stroke = { ...stroke, points: [...stroke.points, ...added] };
      on.replaceLast(stroke);
    } else {
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      const share = other ? 0.5 : 1;
      view.pan(share * (event.clientX - before[0]), share * (event.clientY - before[1]));
      if (other) {
        const apart = (x: number, y: number): number => Math.hypot(x - other[0], y - other[1]);
        const factor = apart(event.clientX, event.clientY) / Math.max(1, apart(before[0], before[1]));
        view.zoom(factor, (event.clientX + other[0]) / 2, (event.clientY + other[1]) / 2);
      }
      on.moved();
    }
    down.set(event.pointerId, [event.clientX, event.clientY]);
  });

  const lift = (event: PointerEvent): void => {
    down.delete(event.pointerId);
    if (down.size) return;
    stroke = null;
    pinched = false;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => {
    view.content.brush = null;
    view.draw();
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!view.content.picture) return;
      event.preventDefault();
      view.zoom(1.0015 ** -event.deltaY, event.clientX, event.clientY);
      on.moved();
    },
    { passive: false },
  );
}

/** Move the brush by arrow keys, paint with space or enter, magnify, undo. */
export function followKeys(canvas: HTMLCanvasElement, on: Gestures): void {
  const { view } = on;
  const arrows: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const brush = (): readonly [number, number] => {
    const { brush: current } = view.content;
    return current ? [current.x, current.y] : view.middle;
  };
  const plain: Readonly<Record<string, () => void>> = {
    "+": () => { view.zoomBy(1.5); },
    "=": () => { view.zoomBy(1.5); },
    "-": () => { view.zoomBy(1 / 1.5); },
    "0": () => { view.fit(); },
    "[": () => { on.resizeBrush(-5); },
    "]": () => { on.resizeBrush(5); },
  };
  canvas.addEventListener("keydown", (event) => {
    const { picture } = view.content;
    if (!picture || event.altKey) return;
    const arrow = arrows[event.key];
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== "z" || !on.isMasking()) return;
      on.undo();
    } else if (arrow && on.tool() === "move") view.pan(-5 * STEP_PX * arrow[0], -5 * STEP_PX * arrow[1]);
    else if (arrow) {
      const [x, y] = brush();
      const step = ((event.shiftKey ? 5 : 1) * STEP_PX) / view.scale;
      view.content.brush = {
        x: Math.min(Math.max(x + step * arrow[0], 0), picture.width),
        y: Math.min(Math.max(y + step * arrow[1], 0), picture.height),
        radius: on.radius(),
      };
    } else if (event.key === " " || event.key === "Enter") {
      if (on.isMasking() && on.tool() !== "move")
        on.add({ kind: "stroke", erase: on.tool() === "erase", radius: on.radius(), points: [...brush()] });
    } else if (plain[event.key]) plain[event.key]!();
    else return;
    event.preventDefault();
    on.moved();
  });
}
