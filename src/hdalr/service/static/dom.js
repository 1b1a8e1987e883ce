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

// Whether keys pressed here belong to a field.
export function takesText(element) {
  return element.matches?.("input, select, textarea, [contenteditable]") ?? false;
}
