// Correcting a reading: what it really says, sent only with consent, and taken back at will.

import { find, make, takesText } from "./dom.js";
import { join, replace } from "./segments.js";
import { explainProblem } from "./wording.js";

export class Correction {
  #subject = null; // {file, page, reading, options} of the reading that is shown
  #segments = [];
  #typed = []; // segments before each character that was typed over
  #typedOn = null; // what had the focus when the last was; Enter sends instead of pressing it
  #kept = []; // ids of what was kept since the page was opened
  #isSending = false;

  // `keysWork()` tells whether keys anywhere on the page correct.
  constructor(api, answer, { keysWork }) {
    this.api = api;
    this.answer = answer;
    this.keysWork = keysWork;
    this.form = find("#correction");
    this.truth = find("#truth");
    this.consent = find("#consent");
    this.outcome = find("#outcome");
    this.button = find("#keep");
    this.isOffered = false;
    this.#listen();
  }

  // Offers to correct what was just read; null: there is nothing that can be corrected.
  offer(subject) {
    this.#subject = subject;
    this.#typed = [];
    this.#typedOn = null;
    if (subject) this.#take(this.answer.segments);
    this.truth.readOnly = false;
    this.button.disabled = false;
    this.form.hidden = !this.isOffered || !subject;
    this.#say();
  }

  get #isOpen() {
    return this.#subject !== null && !this.form.hidden && !this.truth.readOnly;
  }

  get isPending() {
    return this.#isOpen && this.truth.value !== this.#subject.reading.text;
  }

  drop() {
    this.#typed = [];
    this.#typedOn = null;
    this.#take(this.answer.segments);
    this.#say();
  }

  #listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    find("#drop").addEventListener("click", () => this.drop());
    this.truth.addEventListener("input", () => this.#takeField());
    this.truth.addEventListener("keydown", (event) => this.#fieldKey(event));
    this.consent.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#send();
    });
    this.consent.addEventListener("change", () => this.#say());
    this.answer.addEventListener("choose", ({ detail }) => {
      if (!this.#isOpen) return;
      this.#replace(detail.place, detail.text);
      if (detail.byKeyboard) this.truth.focus();
    });
    document.addEventListener("keydown", (event) => this.#pageKey(event));
  }

  #fieldKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.drop();
      this.truth.blur();
    }
  }

  // Outside fields a character corrects the selected one; Enter sends, or opens the field.
  #pageKey(event) {
    const { key, target } = event;
    const isShortcut = event.ctrlKey !== event.altKey || event.metaKey; // both: AltGr
    if (!this.#isOpen || isShortcut || event.defaultPrevented || takesText(target)) return;
    if (!this.keysWork() || document.querySelector("dialog[open]")) return;
    if (key === "Enter") {
      if (target.matches("button, a, summary") && target !== this.#typedOn) return;
      event.preventDefault();
      if (this.isPending) this.#send();
      else this.truth.select();
    } else if (key === "Backspace" && this.#typed.length) {
      event.preventDefault();
      this.#untype();
    } else if ([...key].length === 1 && key !== " ") {
      event.preventDefault();
      this.#typedOn = target;
      this.#type(key);
    }
  }

  #type(text) {
    const place = this.answer.selected;
    if (place < 0 || !this.#segments.some((segment) => segment.place === place)) {
      this.truth.focus();
      return;
    }
    this.#typed.push({ segments: this.#segments, place });
    this.#replace(place, text);
    this.answer.select(place + 1);
  }

  #untype() {
    const { segments, place } = this.#typed.pop();
    this.#take(segments);
    this.answer.select(place);
  }

  #replace(place, text) {
    this.#take(replace(this.#segments, place, text));
    this.#say();
  }

  #take(segments) {
    this.#segments = segments;
    this.truth.value = join(segments);
    if (this.answer.isShown) this.answer.showText(segments);
    this.form.classList.toggle("pending", this.isPending);
  }

  // After free typing it is no longer known which character stands where.
  #takeField() {
    const { value } = this.truth;
    const isAsRead = value === this.#subject.reading.text;
    this.#typed = [];
    this.#segments = isAsRead ? this.answer.segments : [{ text: value, place: null }];
    this.answer.showText(this.#segments);
    this.form.classList.toggle("pending", this.isPending);
  }

  async #send() {
    if (!this.#isOpen || this.#isSending) return;
    if (!this.truth.value.trim()) return this.#ask(this.truth, "Write what it really says.");
    if (!this.consent.checked) {
      return this.#ask(this.consent, "Nothing is stored without your consent: tick the box first.");
    }
    const subject = this.#subject;
    this.#isSending = true;
    this.#say("Sending …");
    try {
      const { id } = await this.api.keep(subject.file, { ...subject, text: this.truth.value });
      this.#kept.push(id);
      if (subject === this.#subject) this.#close();
      this.#tellKept();
    } catch (problem) {
      this.#say(`Not kept. ${explainProblem(problem)}`, "wrong");
    } finally {
      this.#isSending = false;
    }
    return undefined;
  }

  #ask(element, words) {
    this.#say(words, "wrong");
    element.focus();
  }

  #close() {
    this.#typedOn = null;
    this.truth.readOnly = true;
    this.button.disabled = true;
    this.form.classList.remove("pending");
  }

  #tellKept() {
    const count = this.#kept.length;
    const id = this.#kept.at(-1);
    this.#say(`Kept as ${id.slice(0, 8)}.`, "done");
    this.outcome.append(" ", action("Undo", () => this.#forget([id])));
    if (count < 2) return;
    this.outcome.append(" ", action(`Delete all ${count} of mine`, () => this.#forget(this.#kept)));
  }

  async #forget(ids) {
    try {
      for (const id of [...ids]) {
        await this.api.forget(id).catch((problem) => {
          if (problem.status !== 404) throw problem; // it is gone already
        });
        this.#kept = this.#kept.filter((each) => each !== id);
      }
    } catch (problem) {
      this.#say(`Not deleted. ${explainProblem(problem)}`, "wrong");
      return;
    }
    this.truth.readOnly = false;
    this.button.disabled = false;
    this.form.classList.toggle("pending", this.isPending);
    this.#say("Deleted from the server.", "done");
  }

  #say(words = "", kind = "") {
    this.outcome.textContent = words;
    this.outcome.className = kind;
    if (!words && this.#kept.length) this.#recall();
  }

  // What was kept can be deleted as long as the page is open.
  #recall() {
    const count = this.#kept.length;
    const words = count === 1 ? "1 correction of mine is kept." : `${count} of mine are kept.`;
    const run = () => this.#forget(this.#kept);
    this.outcome.className = "kept";
    this.outcome.append(words, " ", action(count === 1 ? "Delete it" : "Delete them", run));
  }
}

function action(name, run) {
  const button = make("button", { type: "button", className: "link" }, name);
  button.addEventListener("click", run);
  return button;
}
