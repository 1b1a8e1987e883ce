// Strokes as smooth lines: from middle to middle of neighbouring points, bent by the point between.

// Draws the pieces of a stroke from point `first` on, in the context's strokeStyle.
//
// Pieces of one width are one path: where two soft edges overlap, a line would look beaded.
export function drawStroke(context, stroke, first = 0) {
  context.lineCap = "round";
  context.lineJoin = "round";
  if (stroke.length === 1) return drawDot(context, stroke[0]);
  let width = null;
  for (let place = Math.max(1, first); place < stroke.length; place += 1) {
    const { width: wanted } = stroke[place];
    const { from, bend, to } = pieceBefore(stroke, place);
    if (wanted !== width) {
      if (width !== null) context.stroke();
      width = context.lineWidth = wanted;
      context.beginPath();
      context.moveTo(from.x, from.y);
    }
    context.quadraticCurveTo(bend.x, bend.y, to.x, to.y);
  }
  const end = stroke.at(-1);
  if (width === null) {
    context.lineWidth = end.width;
    context.beginPath();
    context.moveTo(end.x, end.y);
  }
  context.lineTo(end.x, end.y);
  context.stroke();
}

// The piece that ends in the middle before point `place`.
function pieceBefore(stroke, place) {
  const bend = stroke[place - 1];
  const from = place === 1 ? bend : middle(stroke[place - 2], bend);
  return { from, bend, to: middle(bend, stroke[place]) };
}

function drawDot(context, { x, y, width }) {
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x, y + 0.01);
  context.stroke();
}

function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}
