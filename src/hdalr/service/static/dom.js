// Making elements; texts only ever become text.

// make("button", {type: "button", className: "quiet"}, "Undo"); data and aria go by their names.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function find(selector) {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`${selector} is not on the page`);
  return element;
}

// Scrolls what is around an element, and not the page, until it is in sight with some room above.
export function bringIntoSight(element, around, above = 0) {
  if (!element || around.scrollHeight <= around.clientHeight) return;
  const [inner, outer] = [element, around].map((each) => each.getBoundingClientRect());
  if (inner.top - above >= outer.top && inner.bottom <= outer.bottom) return;
  around.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
}

// Whether keys pressed here belong to a field.
export function takesText(element) {
  return element.matches?.("input, select, textarea, [contenteditable]") ?? false;
}
