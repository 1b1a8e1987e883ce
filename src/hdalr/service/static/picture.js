// The picture that is read, as large as there is room, with boxes over it.

import { bringIntoSight, find } from "./dom.js";
import { Overlay } from "./overlay.js";

const SHOWN = /^image\/(png|jpeg|gif|webp|bmp)$/;
const LEAST_PX = 240; // height to which tiny pictures are brought
const SHARE = 0.55; // of the window's height, at most, unless its characters would be too small
const LEGIBLE_PX = 36; // height of a character over which its label does not hide others
const DENSE_PX = 24; // below this height of a character only the marked one is labelled
const LABEL_PX = 24; // above a box
const COARSE = 2.5; // from this enlargement on, pixels are shown as such

// Of other files the server has to give a preview.
export const isShownByBrowsers = ({ type }) => SHOWN.test(type);

export class PictureView {
  #address = null;

  constructor() {
    this.figure = find("#picture");
    this.frame = find("#frame");
    this.image = find("#image");
    this.overlay = new Overlay(find("#boxes"));
    this.image.addEventListener("load", () => {
      this.image.hidden = false;
      if (this.frame.hidden) this.#size(this.image.naturalWidth, this.image.naturalHeight);
    });
    this.image.addEventListener("error", () => {
      find("#no-preview").hidden = false; // not what its name says: its boxes stand on white paper
    });
  }

  open(file) {
    this.close();
    this.figure.hidden = false;
    this.image.alt = `The picture ${file.name || "that was pasted"}`;
    if (!isShownByBrowsers(file)) return;
    this.#address = URL.createObjectURL(file);
    this.image.src = this.#address;
  }

  close() {
    this.figure.hidden = true;
    this.frame.hidden = true;
    this.image.hidden = true;
    find("#no-preview").hidden = true;
    this.overlay.clear();
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = null;
    this.image.removeAttribute("src");
  }

  show({ width, height, characters, preview }) {
    if (preview) this.image.src = preview;
    this.#size(width, height, medianHeight(characters));
    this.overlay.show(characters, ([left, top, right, bottom]) => [
      left / width, top / height, right / width, bottom / height,
    ]);
  }

  select(place) {
    this.overlay.select(place);
    bringIntoSight(this.overlay.element.querySelector(".selected"), this.figure, LABEL_PX);
  }

  #size(width, height, characterHeight = Infinity) {
    this.frame.hidden = false;
    const room = this.figure.clientWidth / width;
    const whole = Math.min((SHARE * window.innerHeight) / height, Math.max(1, LEAST_PX / height));
    const scale = Math.min(room, Math.max(whole, LEGIBLE_PX / characterHeight));
    this.frame.style.width = `${width * scale}px`;
    this.frame.style.aspectRatio = `${width} / ${height}`;
    this.frame.classList.toggle("coarse", scale > COARSE);
    this.frame.classList.toggle("dense", characterHeight * scale < DENSE_PX);
  }
}

function medianHeight(characters) {
  const heights = characters.map(({ box: [, top, , bottom] }) => bottom - top);
  return heights.sort((one, other) => one - other)[heights.length >> 1];
}
