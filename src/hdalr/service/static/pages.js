// The files that came in, their pages, and where one is among them.

import { Problem } from "./api.js";
import { isShownByBrowsers } from "./picture.js";

export class Pages {
  #files = []; // {file, count, readings}: of its pages, null until they are read
  #place = 0;
  #page = 0;

  open(files) {
    this.#files = files.map((file) => ({ file, count: 1, readings: null }));
    this.#place = 0;
    this.#page = 0;
  }

  close() {
    this.open([]);
  }

  get isOpen() {
    return this.#files.length > 0;
  }

  get file() {
    return this.#files[this.#place].file;
  }

  get number() {
    return countPages(this.#files.slice(0, this.#place)) + this.#page + 1;
  }

  get count() {
    return countPages(this.#files);
  }

  // After other options were chosen; the place stays.
  forgetReadings() {
    for (const each of this.#files) each.readings = null;
  }

  turn(step) {
    const page = this.#page + step;
    if (page >= 0 && page < this.#files[this.#place].count) {
      this.#page = page;
    } else if (this.#files[this.#place + step]) {
      this.#place += step;
      this.#page = step > 0 ? 0 : this.#files[this.#place].count - 1;
    }
  }

  // The reading of the page that is shown; its file is read if it was not yet.
  async read(api, options, signal) {
    const shown = this.#files[this.#place];
    if (!shown.readings) {
      shown.readings = await readFile(api, shown.file, options, signal);
      shown.count = shown.readings.length;
      this.#page = Math.min(this.#page, shown.count - 1);
    }
    const reading = shown.readings[this.#page];
    if (reading.error) throw new Problem(reading.error.status, reading.error.detail);
    return reading;
  }
}

const countPages = (files) => files.reduce((sum, { count }) => sum + count, 0);

// What no browser shows may have several pages, too; they come with previews.
async function readFile(api, file, options, signal) {
  if (isShownByBrowsers(file)) return [await api.read(file, options, signal)];
  return api.readPages(file, options, signal);
}
