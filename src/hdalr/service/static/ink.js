// What was written: strokes of points, and the way back to what was there before.
//
// A point is {x, y, width}: its place and the width of the line there, in units of the paper.

const NEAREST = 2; // points closer than this to the one before only show the grid of a mouse

export class Ink {
  strokes = [];
  #past = [];
  #future = [];

  get isBlank() {
    return this.strokes.length === 0;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  begin(point) {
    this.#remember();
    this.strokes = [...this.strokes, [point]];
  }

  // Adds a point to the last stroke; one too near to the last is only kept as the stroke's end.
  extend(point, isEnd = false) {
    const stroke = this.strokes.at(-1);
    const last = stroke.at(-1);
    const distance = Math.hypot(point.x - last.x, point.y - last.y);
    if (distance >= NEAREST || (isEnd && distance > 0)) stroke.push(point);
  }

  clear() {
    if (this.isBlank) return;
    this.#remember();
    this.strokes = [];
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.strokes);
    this.strokes = this.#past.pop();
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.strokes);
    this.strokes = this.#future.pop();
  }

  // Left, top, right and bottom of the lines, with their width; null if there are none.
  bounds() {
    const points = this.strokes.flat();
    if (!points.length) return null;
    const reach = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const { x, y, width } of points) {
      reach.left = Math.min(reach.left, x - width / 2);
      reach.top = Math.min(reach.top, y - width / 2);
      reach.right = Math.max(reach.right, x + width / 2);
      reach.bottom = Math.max(reach.bottom, y + width / 2);
    }
    return reach;
  }

  #remember() {
    this.#past.push(this.strokes);
    this.#future = [];
  }
}
