// A reading's text as pieces: those that a character stands for, and what lies between them.
//
// A pattern can put in what has no ink, such as a dash; lines are parted by a line break.

// Gives [{text, place}], place being the number of the character or null.
export function takeApart(text, characters) {
  const segments = [];
  let end = 0;
  characters.forEach((character, place) => {
    const start = text.indexOf(character.text, end);
    if (start < 0) return;
    if (start > end) segments.push({ text: text.slice(end, start), place: null });
    end = start + character.text.length;
    segments.push({ text: text.slice(start, end), place });
  });
  if (end < text.length) segments.push({ text: text.slice(end), place: null });
  return segments;
}

export function join(segments) {
  return segments.map((segment) => segment.text).join("");
}

export function replace(segments, place, text) {
  return segments.map((segment) => (segment.place === place ? { text, place } : segment));
}
