// Search inside the open thread.
import { $ } from "./parts.js";

let hits = [], at = -1;

function mark(li, typed) {
  const words = typed.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const walk = document.createTreeWalker($(".bubble, .body", li) ?? li, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) texts.push(walk.currentNode);
  for (const text of texts) {
    for (const w of words) {
      const i = text.data.toLowerCase().indexOf(w);
      if (i < 0) continue;
      const range = document.createRange();
      range.setStart(text, i);
      range.setEnd(text, i + w.length);
      range.surroundContents(document.createElement("mark"));
      break;
    }
  }
}

function unmark() {
  for (const m of document.querySelectorAll("#lines mark")) { const p = m.parentNode; m.replaceWith(...m.childNodes); p.normalize(); }
}

// show brings a hit into view, loading earlier lines until it is there.
async function show(step) {
  if (!hits.length) return;
  at = (at + step + hits.length) % hits.length;
  let li;
  for (let i = 0; !(li = document.getElementById(`m${hits[at]}`)) && $("#older") && i < 200; i++) {
    await htmx.ajax("GET", $("#older").getAttribute("hx-get"), { target: "#older", swap: "outerHTML" });
  }
  if (!li) return;
  unmark();
  mark(li, $("#find-q").value);
  li.scrollIntoView({ block: "center" });
}

export function open() {
  if (!$("#find")) return;
  $("#find").hidden = false;
  $("#find-q").focus();
}

function close() {
  unmark();
  $("#find").hidden = true;
  hits = [];
  $("#thread").focus();
}

export function start() {
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id !== "find-result") return;
    hits = ($("#find-result [data-hits]")?.dataset.hits ?? "").split(" ").filter(Boolean);
    at = -1;
    show(1);
  });
  document.addEventListener("click", (e) => {
    const what = e.target.closest("[data-find]")?.dataset.find;
    if (what === "open") open();
    if (what === "close") close();
    if (what === "up") show(1);
    if (what === "down") show(-1);
  });
  document.addEventListener("submit", (e) => { if (e.target.id === "find") { e.preventDefault(); show(1); } }, true);
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && e.target.closest?.("#find")) close(); });
}
