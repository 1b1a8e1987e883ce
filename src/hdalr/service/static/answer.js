// The reading on the page: the text, how sure it is, each character with its alternatives, and
// what the net saw. It fires "select" {place} and "choose" {place, text, byKeyboard}.

import { bringIntoSight, find, make } from "./dom.js";
import { takeApart } from "./segments.js";
import { explainReason, grade, percent } from "./wording.js";

const MOST_CARDS = 200;

export class Answer extends EventTarget {
  reading = null;
  selected = -1;
  #segments = [];

  constructor() {
    super();
    this.root = find("#answer");
    this.text = find("#text");
    this.verdict = find("#verdict");
    this.reason = find("#reason");
    this.facts = find("#facts");
    this.cards = find("#cards");
    this.more = find("#more-cards");
    this.line = find("#seen-line");
    this.text.addEventListener("click", (event) => this.#click(event));
    this.cards.addEventListener("click", (event) => this.#click(event));
    this.cards.addEventListener("keydown", (event) => this.#key(event));
  }

  get segments() {
    return this.#segments;
  }

  get isShown() {
    return this.reading !== null;
  }

  show(reading, milliseconds) {
    this.reading = reading;
    this.#segments = takeApart(reading.text, reading.characters);
    this.root.classList.remove("empty", "stale");
    this.#showVerdict(milliseconds);
    const hadFocus = this.cards.contains(document.activeElement);
    this.#showCards();
    this.#showLine();
    this.showText(this.#segments);
    this.select(leastSure(reading.characters));
    if (hadFocus) this.#focusSelected();
  }

  hide() {
    this.reading = null;
    this.#segments = [];
    this.selected = -1;
    this.root.classList.add("empty");
    this.root.classList.remove("stale");
    for (const element of [this.text, this.verdict, this.reason, this.facts, this.cards]) {
      element.replaceChildren();
    }
    this.line.hidden = true;
    this.more.hidden = true;
  }

  // What is shown belongs to an earlier state of the picture or of the options.
  age() {
    this.root.classList.add("stale");
  }

  // The text with what was corrected in it.
  showText(segments) {
    const longest = Math.max(...segments.map((s) => s.text).join("").split("\n").map(width), 1);
    this.text.style.setProperty("--longest", longest);
    this.text.replaceChildren(...segments.map((segment) => this.#piece(segment)));
    this.#markSelected();
  }

  select(place) {
    if (!this.reading) return;
    const last = this.reading.characters.length - 1;
    this.selected = Math.min(Math.max(place, Math.min(last, 0)), last);
    this.#markSelected();
    bringIntoSight(this.cards.children[this.selected], this.cards);
    this.dispatchEvent(new CustomEvent("select", { detail: { place: this.selected } }));
  }

  #piece({ text, place }) {
    if (place === null) return make("span", { className: "silent" }, text);
    const was = this.reading.characters[place];
    const kind = text === was.text ? grade(was.confidence) : "corrected";
    const piece = make("span", { className: `piece ${kind}` }, text);
    piece.dataset.place = place;
    return piece;
  }

  #showVerdict(milliseconds) {
    const { accepted, reason, confidence, model, text } = this.reading;
    this.root.classList.toggle("rejected", !accepted);
    this.verdict.textContent = accepted ? `${percent(confidence)} sure` : "Not accepted";
    this.verdict.className = accepted ? "sure" : "doubtful";
    const doubt = text ? ` ${percent(confidence)} sure.` : "";
    this.reason.textContent = accepted ? "" : explainReason(reason) + doubt;
    const facts = [`Read in ${Math.round(milliseconds)} ms`];
    if (model) facts.push(`by ${model.split("+").join(" and ")}`);
    this.facts.textContent = facts.join(" ");
  }

  #showCards() {
    const { characters, seen } = this.reading;
    const pictures = seen?.characters ?? [];
    const shown = characters.slice(0, MOST_CARDS);
    this.cards.replaceChildren(
      ...shown.map((each, place) => card(each, place, characters.length, pictures[place])),
    );
    this.more.hidden = shown.length === characters.length;
    this.more.textContent = `The first ${MOST_CARDS} of ${characters.length} characters.`;
  }

  #showLine() {
    const { seen, text } = this.reading;
    const line = text.includes("\n") ? null : seen?.line; // of several, it is all of them at once
    this.line.hidden = !line;
    if (line) find("#seen-line img").src = line;
  }

  #markSelected() {
    for (const element of this.root.querySelectorAll("[data-place]")) {
      const isIt = Number(element.dataset.place) === this.selected;
      element.classList.toggle("selected", isIt);
      for (const button of element.querySelectorAll("button")) button.tabIndex = isIt ? 0 : -1;
    }
  }

  #click(event) {
    const place = Number(event.target.closest("[data-place]")?.dataset.place ?? -1);
    if (place < 0) return;
    this.select(place);
    const text = event.target.closest("[data-text]")?.dataset.text;
    if (text === undefined) return;
    const detail = { place, text, byKeyboard: event.detail === 0 };
    this.dispatchEvent(new CustomEvent("choose", { detail }));
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.select(this.selected + step);
    this.#focusSelected();
  }

  #focusSelected() {
    this.cards.children[this.selected]?.querySelector("button").focus();
  }
}

function card({ text, confidence, alternatives }, place, count, picture) {
  const name = `Character ${place + 1} of ${count}: ${text}, ${percent(confidence)} sure`;
  const head = make(
    "button",
    { type: "button", className: "head", "aria-label": name },
    make(
      "span",
      {},
      make("b", {}, text),
      make("span", { className: "sureness" }, percent(confidence)),
    ),
  );
  if (picture) head.prepend(make("img", { src: picture, alt: "", width: 28, height: 28 }));
  const item = make(
    "li",
    { className: `card ${grade(confidence)}` },
    head,
    make("ul", {}, ...alternatives.map((each) => make("li", {}, alternative(...each)))),
  );
  item.dataset.place = place;
  return item;
}

function alternative(text, probability) {
  const bar = make("span", { className: "bar" });
  bar.style.setProperty("--share", probability);
  const name = `${text}, ${percent(probability)}: take this one`;
  const button = make(
    "button",
    { type: "button", className: "alternative", "aria-label": name },
    make("b", {}, text),
    bar,
    make("span", { className: "share" }, percent(probability)),
  );
  button.dataset.text = text;
  return button;
}

function leastSure(characters) {
  const sureness = characters.map((character) => character.confidence);
  return sureness.indexOf(Math.min(...sureness));
}

const width = (line) => [...line].length;
