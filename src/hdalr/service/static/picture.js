// The picture that is read, as large as there is room, with boxes over it.

import { find } from "./dom.js";
import { Overlay } from "./overlay.js";

const LEAST_PX = 240; // height to which tiny pictures are brought
const SHARE = 0.55; // of the window's height, at most
const COARSE = 2.5; // from this enlargement on, pixels are shown as such

export class PictureView {
  #address = null;

  constructor() {
    this.figure = find("#picture");
    this.frame = find("#frame");
    this.image = find("#image");
    this.overlay = new Overlay(find("#boxes"));
    this.image.addEventListener("load", () => {
      this.image.hidden = false;
      this.#size(this.image.naturalWidth, this.image.naturalHeight);
    });
    this.image.addEventListener("error", () => {
      find("#no-preview").hidden = false; // a PDF or a TIFF: its boxes stand on white paper
    });
  }

  open(file) {
    this.close();
    this.figure.hidden = false;
    this.image.alt = `The picture ${file.name || "that was pasted"}`;
    this.image.hidden = true;
    find("#no-preview").hidden = true;
    this.#address = URL.createObjectURL(file);
    this.image.src = this.#address;
  }

  close() {
    this.figure.hidden = true;
    this.overlay.clear();
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = null;
    this.image.removeAttribute("src");
  }

  show({ width, height, characters }) {
    if (!width || !height) return;
    this.#size(width, height);
    this.overlay.show(characters, ([left, top, right, bottom]) => [
      left / width, top / height, right / width, bottom / height,
    ]);
  }

  #size(width, height) {
    const room = this.figure.clientWidth / width;
    const high = (SHARE * window.innerHeight) / height;
    const scale = Math.min(room, high, Math.max(1, LEAST_PX / height));
    this.frame.style.width = `${width * scale}px`;
    this.frame.style.aspectRatio = `${width} / ${height}`;
    this.frame.classList.toggle("coarse", scale > COARSE);
  }
}
