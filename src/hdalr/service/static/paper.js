// The sheet that one writes on, with a mouse, a finger, a pen or the arrow keys.
//
// It fires "writing" while a stroke grows and "written" when the ink has changed for good.

import { drawStroke } from "./pen.js";

const LINE = 6; // width of the line in units of the paper, which are CSS pixels at first
const STEP = 12; // of the arrow keys
const FINE_STEP = 3;
const PEN_REST_MS = 1000; // after a pen was near, a touch is taken for the resting hand
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Paper extends EventTarget {
  scale = 1; // CSS pixels a unit: below 1 if the sheet has shrunk under its ink
  #pointer = null;
  #penSeen = -Infinity;
  #drawn = 0; // points of the growing stroke that are on the canvas
  #held = new Set(); // arrow keys
  #frame = 0;

  constructor(canvas, cursor, ink) {
    super();
    this.canvas = canvas;
    this.cursor = cursor;
    this.ink = ink;
    this.context = canvas.getContext("2d");
    this.keyPen = { x: 0, y: 0, down: false, placed: false };
    this.#listen();
    new ResizeObserver(() => this.fit()).observe(canvas);
  }

  get isWriting() {
    return this.#pointer !== null || this.keyPen.down;
  }

  // Applies a change to the ink that is no stroke: "undo", "redo" or "clear".
  change(how) {
    if (this.#pointer !== null) return; // a stroke is growing
    this.#liftKeyPen();
    this.ink[how]();
    if (this.ink.isBlank) this.fit();
    this.redraw();
    this.#tell("written");
  }

  // Takes the size of the element; ink that would lie outside makes all of it smaller.
  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    const dots = window.devicePixelRatio;
    const reach = this.ink.bounds() ?? { right: 0, bottom: 0 };
    this.scale = Math.min(1, width / (reach.right + LINE), height / (reach.bottom + LINE));
    this.canvas.width = Math.round(width * dots);
    this.canvas.height = Math.round(height * dots);
    this.redraw();
    this.#tell("resized");
  }

  redraw() {
    const { context, canvas, ink } = this;
    const unit = this.scale * window.devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(unit, 0, 0, unit, 0, 0);
    context.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of ink.strokes) drawStroke(context, stroke);
    this.#drawn = ink.strokes.at(-1)?.length ?? 0;
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.#up(event));
    }
    canvas.addEventListener("keydown", (event) => this.#keyDown(event));
    canvas.addEventListener("keyup", (event) => this.#held.delete(event.key));
    canvas.addEventListener("focus", () => this.#showCursor());
    canvas.addEventListener("blur", () => {
      this.#held.clear();
      this.#liftKeyPen();
    });
  }

  #down(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    const isHand =
      event.pointerType === "touch" && event.timeStamp - this.#penSeen < PEN_REST_MS;
    if (this.#pointer !== null || event.button !== 0 || isHand) return;
    this.#liftKeyPen();
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#begin(this.#pointOf(event));
  }

  #move(event) {
    if (event.pointerType === "pen") this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) this.ink.extend(this.#pointOf(each));
    this.#grow();
  }

  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    if (event.type === "pointerup") this.ink.extend(this.#pointOf(event), true);
    this.#finish();
  }

  #pointOf(event) {
    const place = this.canvas.getBoundingClientRect();
    const pressed = event.pointerType === "pen" ? 0.5 + event.pressure : 1;
    const width = Math.round(LINE * pressed * 2) / 2; // few widths make long smooth pieces
    return {
      x: (event.clientX - place.left) / this.scale,
      y: (event.clientY - place.top) / this.scale,
      width,
    };
  }

  #begin(point) {
    this.ink.begin(point);
    this.redraw();
    this.#tell("writing");
  }

  #grow() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const stroke = this.ink.strokes.at(-1);
      if (!stroke || !this.isWriting) return;
      drawStroke(this.context, stroke, this.#drawn);
      this.#drawn = stroke.length;
      this.#tell("writing");
    });
  }

  #finish() {
    this.redraw();
    this.#tell("written");
  }

  #keyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) {
      this.#held.add(event.key);
      this.#step(event.shiftKey ? FINE_STEP : STEP);
    } else if (event.key === " ") {
      if (!event.repeat) this.#pressKeyPen();
    } else {
      return;
    }
    event.preventDefault();
  }

  // All arrow keys that are held count, so that two make a slanting line.
  #step(length) {
    const { keyPen, canvas } = this;
    for (const key of this.#held) {
      keyPen.x += ARROWS[key][0] * length;
      keyPen.y += ARROWS[key][1] * length;
    }
    keyPen.x = clamp(keyPen.x, LINE, canvas.clientWidth / this.scale - LINE);
    keyPen.y = clamp(keyPen.y, LINE, canvas.clientHeight / this.scale - LINE);
    this.#showCursor();
    if (!keyPen.down) return;
    this.ink.extend({ x: keyPen.x, y: keyPen.y, width: LINE });
    this.#grow();
  }

  #pressKeyPen() {
    const { keyPen } = this;
    if (keyPen.down) return this.#liftKeyPen();
    this.#showCursor();
    keyPen.down = true;
    this.#begin({ x: keyPen.x, y: keyPen.y, width: LINE });
    this.#showCursor();
    return undefined;
  }

  #liftKeyPen() {
    if (!this.keyPen.down) return;
    this.keyPen.down = false;
    this.#showCursor();
    this.#finish();
  }

  #showCursor() {
    const { keyPen, canvas, cursor } = this;
    if (!keyPen.placed) {
      keyPen.x = 0.3 * (canvas.clientWidth / this.scale);
      keyPen.y = 0.3 * (canvas.clientHeight / this.scale);
      keyPen.placed = true;
    }
    cursor.style.left = `${keyPen.x * this.scale}px`;
    cursor.style.top = `${keyPen.y * this.scale}px`;
    cursor.classList.toggle("down", keyPen.down);
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
