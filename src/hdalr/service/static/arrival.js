// The ways by which pictures come in: dropped, pasted, chosen, taken with the camera.

import { find, takesText } from "./dom.js";

// Calls `open(files)` with the files of each arrival, `refuse()` if none is a file.
export function awaitPictures(open, refuse) {
  for (const id of ["#choose", "#camera"]) {
    const chooser = find(id);
    chooser.addEventListener("change", () => {
      if (chooser.files.length) open([...chooser.files]);
      chooser.value = ""; // so that the same file can be chosen again
    });
    const button = find(`${id}-button`);
    button.addEventListener("click", () => chooser.click());
  }
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) {
      event.preventDefault();
      open(files);
    } else if (!takesText(event.target)) {
      refuse();
    }
  });
  awaitDrops(open, refuse);
}

function awaitDrops(open, refuse) {
  const { classList } = document.documentElement;
  let depth = 0; // of the elements that the pointer has entered
  const stop = () => {
    depth = 0;
    classList.remove("dropping");
  };
  document.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    classList.add("dropping");
  });
  document.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) stop();
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    stop();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) open(files);
    else refuse();
  });
}
