// The dialog that asks for the token of a server that wants one.

import { find } from "./dom.js";

let asked = null; // the answer that is waited for, so that two requests ask once

// Promises the token, or null if the dialog was closed. `again`: the last one was refused.
export function askToken(again) {
  asked ??= open(again).finally(() => {
    asked = null;
  });
  return asked;
}

function open(again) {
  const dialog = find("#token");
  const field = find("#token-value");
  find("#token-wrong").hidden = !again;
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "given" && field.value ? field.value.trim() : null),
      { once: true },
    );
  });
}
