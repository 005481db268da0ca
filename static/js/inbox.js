// The list: it follows events, but never moves under the hand.
import { $ } from "./parts.js";
import { current } from "./thread.js";

const rows = () => $("#rows");
const held = () => rows()?.matches(":hover") || rows()?.contains(document.activeElement);

// inOldOrder puts the rows that were there in the order they had.
function inOldOrder(html) {
  const old = [...document.querySelectorAll("#rows .conv")].map((li) => li.id);
  const box = document.createElement("template");
  box.innerHTML = html;
  for (const list of box.content.querySelectorAll("ol")) {
    const all = [...list.children].map((li) => [old.indexOf(li.id), li]);
    list.append(...all.sort((a, b) => a[0] - b[0]).map(([, li]) => li));
  }
  return box.innerHTML;
}

export function markCurrent() {
  for (const li of document.querySelectorAll("#rows .conv[aria-current]")) li.removeAttribute("aria-current");
  $(`#row-${current()}`)?.setAttribute("aria-current", "true");
}

export function step(by) {
  const links = [...document.querySelectorAll("#rows .conv > a")];
  if (!links.length) return;
  const i = links.indexOf(document.activeElement);
  const from = i >= 0 ? i : links.findIndex((a) => a.parentElement.hasAttribute("aria-current"));
  links[Math.max(0, Math.min(links.length - 1, from + by))].focus();
}

export function start() {
  let moved = false;
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.target.id !== "rows" || !held()) return;
    moved = true;
    e.detail.serverResponse = inOldOrder(e.detail.serverResponse);
  });
  document.addEventListener("htmx:configRequest", (e) => {
    if (e.detail.path.startsWith("/desk/inbox") && current()) e.detail.parameters.set("current", current());
  });
  document.addEventListener("pointerout", (e) => {
    if (!moved || !e.target.closest?.("#rows") || e.relatedTarget?.closest?.("#rows")) return;
    moved = false;
    setTimeout(() => { if (!held()) htmx.trigger("#rows", "refresh"); }, 400);
  });
}
