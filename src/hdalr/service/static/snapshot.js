// The ink as the picture that is sent: cut to it, dark on white, as PNG.

import { drawStroke } from "./pen.js";

const MARGIN_PX = 24;
const HIGHEST_STROKE_PX = 96; // the nets see 28 or 32 rows a line; more only takes time
const WIDEST_PX = 1600;

// Gives {blob, place}: place(box) says where a box of the picture lies on the paper.
export function takeSnapshot(ink) {
  const { left, top, right, bottom } = ink.bounds();
  const tallest = Math.max(...ink.strokes.map(heightOf), 1);
  const scale = Math.min(1, HIGHEST_STROKE_PX / tallest, WIDEST_PX / (right - left));
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((right - left) * scale) + 2 * MARGIN_PX;
  canvas.height = Math.ceil((bottom - top) * scale) + 2 * MARGIN_PX;
  const context = openWhite(canvas);
  context.strokeStyle = "#000";
  context.translate(MARGIN_PX, MARGIN_PX);
  context.scale(scale, scale);
  context.translate(-left, -top);
  for (const stroke of ink.strokes) drawStroke(context, stroke);
  const onPaper = (value, start) => (value - MARGIN_PX) / scale + start;
  return {
    blob: encode(canvas),
    place: ([l, t, r, b]) => [
      onPaper(l, left), onPaper(t, top), onPaper(r, left), onPaper(b, top),
    ],
  };
}

function heightOf(stroke) {
  const heights = stroke.map(({ y }) => y);
  return Math.max(...heights) - Math.min(...heights);
}

// A white picture, on which options can be tried while nothing is written.
export function takeBlank() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  openWhite(canvas);
  return encode(canvas);
}

function openWhite(canvas) {
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return context;
}

// At once: toBlob waits until the browser is idle.
function encode(canvas) {
  const bytes = atob(canvas.toDataURL("image/png").split(",")[1]);
  return new Blob([Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))], { type: "image/png" });
}
