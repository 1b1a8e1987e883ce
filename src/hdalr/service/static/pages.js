// The files that came in, their pages, and where one is among them.

import { Problem } from "./api.js";

const SEVERAL_PAGES = /^(application\/pdf|image\/tiff)$/;
const SEVERAL_PAGES_NAMED = /\.(pdf|tiff?)$/i;

export class Pages {
  #files = [];
  #readings = new Map(); // file: the readings of its pages
  #file = 0;
  #page = 0;

  open(files) {
    this.#files = files;
    this.#readings.clear();
    this.#file = 0;
    this.#page = 0;
  }

  close() {
    this.open([]);
  }

  get isOpen() {
    return this.#files.length > 0;
  }

  get file() {
    return this.#files[this.#file];
  }

  // Whether the page that is shown is the whole file.
  get isWhole() {
    return (this.#readings.get(this.file)?.length ?? 1) === 1;
  }

  get number() {
    return this.#before(this.#file) + this.#page + 1;
  }

  get count() {
    return this.#before(this.#files.length);
  }

  // After other options were chosen; the place stays.
  forgetReadings() {
    this.#readings.clear();
  }

  turn(step) {
    this.#page += step;
    if (this.#page < 0 && this.#file > 0) {
      this.#file -= 1;
      this.#page = this.#pagesOf(this.#file) - 1;
    } else if (this.#page >= this.#pagesOf(this.#file) && this.#file < this.#files.length - 1) {
      this.#file += 1;
      this.#page = 0;
    }
    this.#page = Math.min(Math.max(this.#page, 0), this.#pagesOf(this.#file) - 1);
  }

  // The reading of the page that is shown; read if it was not yet.
  async read(api, options, signal) {
    const { file } = this;
    if (!this.#readings.has(file)) {
      this.#readings.set(file, await readFile(api, file, options, signal));
    }
    const readings = this.#readings.get(file);
    this.#page = Math.min(this.#page, readings.length - 1);
    const reading = readings[this.#page];
    if (reading.error) throw new Problem(reading.error.status, reading.error.detail);
    return reading;
  }

  #pagesOf(number) {
    return this.#readings.get(this.#files[number])?.length ?? 1;
  }

  #before(number) {
    return this.#files.slice(0, number).reduce((sum, _, each) => sum + this.#pagesOf(each), 0);
  }
}

async function readFile(api, file, options, signal) {
  if (SEVERAL_PAGES.test(file.type) || SEVERAL_PAGES_NAMED.test(file.name)) {
    return api.readPages(file, options, signal);
  }
  return [await api.read(file, options, signal)];
}
