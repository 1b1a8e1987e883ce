// What may be written and how: the form, and the page's address that remembers it.
//
// It fires "change" when an option has another value.

import { find, make } from "./dom.js";
import { nameAlphabet, nameCheck } from "./wording.js";

const NAMES = ["alphabet", "pattern", "as", "case", "check", "max_error"]; // as the server's
const OWN = "chars:";
const QUIET_MS = 250; // after the last key in a text field

export class Options extends EventTarget {
  #timer = 0;
  #told = "";

  constructor() {
    super();
    this.form = find("#options");
    this.own = find("#own");
    this.more = find("#more");
    this.more.addEventListener("click", () => this.#open(find("#more-options").hidden));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.#wait(event.target));
    window.addEventListener("hashchange", () => this.#readAddress());
    this.#readAddress();
  }

  // Those that differ from the server's own choice, by the server's names.
  get values() {
    const values = {};
    for (const name of NAMES) {
      const value = this.#field(name).value.trim();
      if (value) values[name] = value;
    }
    if (values.alphabet !== OWN) return values;
    delete values.alphabet;
    const own = [...new Set(this.own.value)].filter((c) => c.trim()).join("");
    return own ? { alphabet: OWN + own, ...values } : values;
  }

  // Offers the alphabets and checks that this server knows.
  offer({ alphabets, checks }) {
    for (const [name, title] of Object.entries(alphabets)) {
      this.#choice("alphabet", name, nameAlphabet(name)).title = title;
    }
    this.#choice("alphabet", OWN, "These only …");
    for (const name of checks) this.#choice("check", name, nameCheck(name));
  }

  // Shows at its field what the server says against an option; whether there is such a field.
  refuse(detail) {
    this.accept();
    const set = Object.keys(this.values);
    const named = set.find((name) => detail.startsWith(name)) ?? set.find((n) => detail.includes(n));
    const name = named ?? (set.includes("pattern") ? "pattern" : set[0]);
    if (!name) return false;
    const isOwn = name === "alphabet" && this.#field("alphabet").value === OWN;
    const field = isOwn ? this.own : this.#field(name);
    const message = find(`#${field.id}-wrong`);
    message.textContent = detail;
    message.hidden = false;
    field.setAttribute("aria-invalid", "true");
    if (field.closest("#more-options")) this.#open(true);
    return true;
  }

  accept() {
    for (const message of this.form.querySelectorAll(".wrong")) message.hidden = true;
    for (const field of this.form.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
    }
  }

  #field(name) {
    return this.form.elements.namedItem(name);
  }

  #wait(field) {
    clearTimeout(this.#timer);
    const isText = field.matches("input");
    this.#timer = setTimeout(() => this.#tell(), isText ? QUIET_MS : 0);
    this.#showOwn();
  }

  #tell() {
    const values = JSON.stringify(this.values);
    if (values === this.#told) return;
    this.#told = values;
    this.#writeAddress();
    this.dispatchEvent(new Event("change"));
  }

  #writeAddress() {
    const address = new URLSearchParams(window.location.hash.slice(1));
    for (const name of NAMES) address.delete(name);
    for (const [name, value] of Object.entries(this.values)) address.set(name, value);
    const hash = address.toString();
    const { pathname, search } = window.location;
    history.replaceState(null, "", hash ? `#${hash}` : pathname + search);
  }

  #readAddress() {
    this.#set(addressed());
    this.#tell();
  }

  #set(values) {
    for (const name of NAMES) this.#put(name, values[name] ?? "");
    this.#showOwn();
    const isHidden = (name) => this.#field(name).closest("#more-options");
    if (Object.keys(values).some(isHidden)) this.#open(true);
  }

  #open(isOpen) {
    find("#more-options").hidden = !isOpen;
    this.more.setAttribute("aria-expanded", String(isOpen));
    this.more.textContent = isOpen ? "Fewer options" : "More options";
  }

  #put(name, value) {
    const isOwn = name === "alphabet" && value.startsWith(OWN);
    if (isOwn) this.own.value = value.slice(OWN.length);
    const chosen = isOwn ? OWN : value;
    const field = this.#field(name);
    const isKnown = () => [...field.options].some((option) => option.value === chosen);
    if (field.matches("select") && !isKnown()) this.#choice(name, chosen, chosen);
    field.value = chosen;
  }

  // One choice of a list, named anew if it is there already, as one from the address may be.
  #choice(name, value, words) {
    const { options } = this.#field(name);
    const there = [...options].find((option) => option.value === value);
    const choice = there ?? make("option", { value });
    choice.textContent = words;
    if (!there) this.#field(name).add(choice);
    return choice;
  }

  #showOwn() {
    find("#own-row").hidden = this.#field("alphabet").value !== OWN;
  }
}

function addressed() {
  const address = new URLSearchParams(window.location.hash.slice(1));
  return Object.fromEntries([...address].filter(([name]) => NAMES.includes(name)));
}
