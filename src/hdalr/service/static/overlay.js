// Boxes, texts and confidence over what was read.

import { make } from "./dom.js";
import { grade, percent } from "./wording.js";

export class Overlay {
  constructor(element) {
    this.element = element;
  }

  // `shareOf(box)` gives a box's left, top, right and bottom as shares of the element's sides.
  show(characters, shareOf) {
    this.element.replaceChildren(...characters.map((each, place) => label(each, place, shareOf)));
  }

  select(place) {
    for (const box of this.element.children) {
      box.classList.toggle("selected", Number(box.dataset.place) === place);
    }
  }

  clear() {
    this.element.replaceChildren();
  }
}

function label({ text, confidence, box }, place, shareOf) {
  const [left, top, right, bottom] = shareOf(box);
  const element = make(
    "div",
    { className: `box ${grade(confidence)}` },
    make(
      "span",
      { className: "says" },
      make("b", {}, text),
      make("i", {}, percent(confidence)),
    ),
  );
  element.dataset.place = place;
  Object.assign(element.style, {
    left: `${100 * left}%`,
    top: `${100 * top}%`,
    width: `${100 * (right - left)}%`,
    height: `${100 * (bottom - top)}%`,
  });
  return element;
}
