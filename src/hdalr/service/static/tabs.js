// Two tabs by the ARIA pattern; the report is loaded when it is first opened.

import { find } from "./dom.js";

export class Tabs {
  constructor() {
    this.list = find("[role=tablist]");
    this.tabs = [...this.list.querySelectorAll("[role=tab]")];
    this.list.addEventListener("click", (event) => this.#open(event.target.closest("[role=tab]")));
    this.list.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("hashchange", () => this.#readAddress());
    this.#readAddress();
  }

  #readAddress() {
    const name = new URLSearchParams(window.location.hash.slice(1)).get("tab");
    this.#open(this.tabs.find((tab) => tab.dataset.tab === name) ?? this.tabs[0]);
  }

  #open(chosen) {
    if (!chosen) return;
    for (const tab of this.tabs) {
      const isIt = tab === chosen;
      tab.setAttribute("aria-selected", String(isIt));
      tab.tabIndex = isIt ? 0 : -1;
      find(`#${tab.getAttribute("aria-controls")}`).hidden = !isIt;
    }
    this.#writeAddress(chosen.dataset.tab);
    const frame = find("#report iframe");
    if (chosen.dataset.tab === "report" && !frame.src) frame.src = frame.dataset.source;
  }

  #writeAddress(name) {
    const address = new URLSearchParams(window.location.hash.slice(1));
    if (name === "read") address.delete("tab");
    else address.set("tab", name);
    const hash = address.toString();
    const { pathname, search } = window.location;
    history.replaceState(null, "", hash ? `#${hash}` : pathname + search);
  }

  #key(event) {
    const here = this.tabs.indexOf(event.target);
    const last = this.tabs.length - 1;
    const to = {
      ArrowLeft: here === 0 ? last : here - 1,
      ArrowRight: here === last ? 0 : here + 1,
      Home: 0,
      End: last,
    }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    this.#open(this.tabs[to]);
    this.tabs[to].focus();
  }
}
