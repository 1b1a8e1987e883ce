// The page: what is written or brought in is read at once, and only the newest reading counts.

import { Answer } from "./answer.js";
import { Api, pause, Problem } from "./api.js";
import { awaitPictures } from "./arrival.js";
import { Correction } from "./correction.js";
import { find, takesText } from "./dom.js";
import { Ink } from "./ink.js";
import { Options } from "./options.js";
import { Overlay } from "./overlay.js";
import { Pages } from "./pages.js";
import { Paper } from "./paper.js";
import { PictureView } from "./picture.js";
import { takeBlank, takeSnapshot } from "./snapshot.js";
import { Tabs } from "./tabs.js";
import { askToken } from "./token.js";
import { explainProblem, explainReason, percent } from "./wording.js";

const LIVE_GAP_MS = 200; // between readings while a stroke grows, at least
const LIVE_REST = 4; // times what the last reading took
const RETRY_MS = 2000; // while the server does not answer
const SPEAK_MS = 500; // after the last reading, so that not every stroke is read out

const ink = new Ink();
const paper = new Paper(find("#canvas"), find("#cursor"), ink);
const inkBoxes = new Overlay(find("#ink-boxes"));
const pages = new Pages();
const picture = new PictureView();
const answer = new Answer();
const options = new Options();
const api = new Api({ askToken, tellWait });
const correction = new Correction(api, answer, { keysWork: () => find("#keys-work").checked });
const notice = find("#notice");

let newest = new AbortController(); // of the reading that is under way, or was the last
let isReading = false;
let lastSent = -Infinity;
let lastTook = 0;
let snapshot = null; // of the ink that is shown as read
let speaking = 0;

// Reads what is on the desk, until it is read, refused or no longer the newest.
async function read({ live = false } = {}) {
  newest.abort();
  newest = new AbortController();
  const { signal } = newest;
  setReading(true);
  lastSent = performance.now();
  try {
    while (!(await tryToRead(signal, lastSent, live))) await pause(RETRY_MS, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (!signal.aborted) setReading(false);
  }
}

function setReading(value) {
  isReading = value;
  answer.root.setAttribute("aria-busy", String(value));
}

// Whether that is settled; false: the server did not answer.
async function tryToRead(signal, started, live) {
  try {
    await (pages.isOpen ? readPicture(signal) : readInk(signal, started, live));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    answer.age();
    showProblem(problem);
    return problem.status !== 0;
  }
  return true;
}

async function readInk(signal, started, live) {
  const wanted = options.values;
  if (ink.isBlank) {
    clearAnswer();
    if (Object.keys(wanted).length) await api.read(takeBlank(), wanted, signal);
    acceptOptions();
    return;
  }
  const taken = takeSnapshot(ink);
  const reading = await api.read(taken.blob, wanted, signal);
  snapshot = { ...taken, characters: reading.characters };
  lastTook = performance.now() - started;
  show(reading, lastTook, { file: taken.blob, options: wanted });
  showInkBoxes();
  if (!live) speak(reading);
}

async function readPicture(signal) {
  const wanted = options.values;
  document.body.classList.add("busy");
  try {
    const reading = await pages.read(api, wanted, signal);
    if (signal.aborted) return;
    picture.show(reading);
    const spent = Object.values(reading.timings).reduce((sum, each) => sum + each, 0);
    show(reading, spent, { file: pages.file, page: reading.page, options: wanted });
    speak(reading);
  } finally {
    if (!signal.aborted) endReadingPicture();
  }
}

function endReadingPicture() {
  document.body.classList.remove("busy");
  showPlace();
}

function show(reading, milliseconds, subject) {
  answer.show(reading, milliseconds);
  correction.offer({ ...subject, reading: withoutPictures(reading) });
  acceptOptions();
}

function withoutPictures({ seen, preview, width, height, file, page, ...reading }) {
  return reading;
}

function acceptOptions() {
  options.accept();
  tell("");
}

function clearAnswer() {
  snapshot = null;
  answer.hide();
  inkBoxes.clear();
  picture.overlay.clear();
  correction.offer(null);
  clearTimeout(speaking);
}

function showInkBoxes() {
  if (!snapshot) return;
  const { clientWidth: width, clientHeight: height } = paper.canvas;
  const { place, characters } = snapshot;
  inkBoxes.show(characters, (box) =>
    place(box).map((value, side) => (value * paper.scale) / (side % 2 ? height : width)),
  );
  inkBoxes.select(answer.selected);
}

function showProblem(problem) {
  const { status, detail } = problem;
  const isOption = status === 422 && detail && !detail.startsWith("file") && options.refuse(detail);
  tell(isOption ? "" : explainProblem(problem), "wrong");
}

function tellWait(status, seconds) {
  tell(`${explainProblem({ status })} Sending again in ${Math.ceil(seconds)} s.`, "wait");
}

function tell(words, kind = "") {
  notice.textContent = words;
  notice.className = `notice ${kind}`;
  notice.hidden = !words;
}

function speak({ text, accepted, reason, confidence }) {
  clearTimeout(speaking);
  const words = text ? `Read: ${text}, ${percent(confidence)} sure.` : "Nothing read.";
  const doubt = accepted ? "" : ` Not accepted: ${explainReason(reason)}`;
  speaking = setTimeout(() => {
    find("#live").textContent = words + doubt;
  }, SPEAK_MS);
}

function showTools() {
  find("#undo").disabled = !ink.canUndo;
  find("#redo").disabled = !ink.canRedo;
  find("#clear").disabled = ink.isBlank;
  find("#hint").hidden = !ink.isBlank;
}

function showPlace() {
  find("#pages").hidden = pages.count < 2;
  find("#place").textContent = `${pages.number} of ${pages.count}`;
  find("#previous").disabled = pages.number === 1;
  find("#next").disabled = pages.number === pages.count;
  find("#name").textContent = pages.file.name;
}

function openPictures(files) {
  pages.open(files);
  document.body.classList.add("with-picture");
  openPage();
}

function openPage() {
  clearAnswer();
  picture.open(pages.file);
  showPlace();
  read();
}

function closePictures() {
  pages.close();
  picture.close();
  document.body.classList.remove("with-picture", "busy");
  clearAnswer();
  paper.fit();
  read();
  paper.canvas.focus();
}

function turn(step) {
  pages.turn(step);
  openPage();
}

async function copy() {
  await navigator.clipboard.writeText(find("#text").textContent);
  find("#copy").textContent = "Copied";
  setTimeout(() => {
    find("#copy").textContent = "Copy";
  }, 1500);
}

// Ctrl+Z, Ctrl+Y, Escape and the arrows, where no field wants them.
function pressKey(event) {
  const { key, target } = event;
  if (event.defaultPrevented || takesText(target) || document.querySelector("dialog[open]")) return;
  const letter = key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (letter === "z") change(event, event.shiftKey ? "redo" : "undo");
    else if (letter === "y") change(event, "redo");
  } else if (key === "Escape") {
    if (correction.isPending) correction.drop();
    else if (pages.isOpen) closePictures();
    else change(event, "clear");
  } else if (target.matches("body, button") && (key === "ArrowLeft" || key === "ArrowRight")) {
    answer.select(answer.selected + (key === "ArrowLeft" ? -1 : 1));
  }
}

function change(event, how) {
  if (pages.isOpen) return;
  event.preventDefault();
  paper.change(how);
}

async function meetServer() {
  for (;;) {
    try {
      const known = await api.models();
      api.needsToken = known.token;
      correction.isOffered = known.feedback;
      options.offer(known);
      return;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      showProblem(problem);
      await pause(RETRY_MS);
    }
  }
}

paper.addEventListener("writing", () => {
  showTools();
  const gap = Math.max(LIVE_GAP_MS, LIVE_REST * lastTook);
  const isTime = !isReading && performance.now() - lastSent > gap;
  if (isTime && !api.isLocked) read({ live: true }); // no dialog in the middle of a stroke
});
paper.addEventListener("written", () => {
  showTools();
  read();
});
paper.addEventListener("resized", showInkBoxes);
answer.addEventListener("select", ({ detail }) => {
  inkBoxes.select(detail.place);
  picture.select(detail.place);
});
options.addEventListener("change", () => {
  pages.forgetReadings();
  read();
});
for (const how of ["undo", "redo", "clear"]) {
  find(`#${how}`).addEventListener("click", () => paper.change(how));
}
find("#boxes").addEventListener("click", (event) => {
  const place = event.target.closest("[data-place]")?.dataset.place;
  if (place !== undefined) answer.select(Number(place));
});
find("#previous").addEventListener("click", () => turn(-1));
find("#next").addEventListener("click", () => turn(1));
find("#close").addEventListener("click", closePictures);
find("#copy").hidden = !navigator.clipboard;
find("#copy").addEventListener("click", copy);
document.addEventListener("keydown", pressKey);
awaitPictures(openPictures, () => tell("There is no picture in that.", "wrong"));
new Tabs();
showTools();
meetServer();
