// The agents' pages: everything small is put together here.
import { $, toast, toggleTheme, word } from "./parts.js";
import * as live from "./live.js";
import * as thread from "./thread.js";
import * as find from "./find.js";
import * as composer from "./composer.js";
import * as linetools from "./linetools.js";
import * as inbox from "./inbox.js";
import * as notify from "./notify.js";
import * as clock from "./clock.js";

const prefs = JSON.parse(document.body.dataset.prefs || "{}");

// Regions name the events they follow; each reloads itself under its own permission.
const refresh = (name) => { for (const el of document.querySelectorAll(`[data-on~="${name}"]`)) htmx.trigger(el, "refresh"); };
for (const name of ["list", "queue", "team"]) live.on(name, () => refresh(name));
const everything = () => { for (const name of ["list", "queue"]) refresh(name); thread.catchUp(); };
live.on("resync", everything);

let down, wasDown = false, first = true;
live.on("state", ({ state, behind }) => {
  if (state !== "up") {
    down ??= setTimeout(() => { wasDown = true; const n = $("#net"); if (n) n.hidden = false; }, 3_000);
    return;
  }
  clearTimeout(down);
  down = undefined;
  const n = $("#net");
  if (n) n.hidden = true;
  if (wasDown) toast(word("restored"), [], 4_000);
  wasDown = false;
  composer.flush();
  if (first) thread.catchUp();
  if (behind) everything();
  first = false;
});
live.on("signed-out", composer.signIn);

let hiddenAt;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (Date.now() - hiddenAt > 60_000) everything();
});

function shown() {
  document.body.dataset.view = thread.current() ? "thread" : "list";
  thread.opened();
  composer.restore();
  inbox.markCurrent();
}
document.addEventListener("htmx:beforeRequest", (e) => { if (e.detail.target?.id === "pane") composer.save(); });
document.addEventListener("htmx:afterSwap", (e) => {
  if (e.detail.target.id === "pane") shown();
  if (["pane", "rows"].includes(e.detail.target.id)) notify.title();
});
document.addEventListener("htmx:responseError", (e) => {
  const { status } = e.detail.xhr;
  if (status === 401) composer.signIn();
  else if (status === 404 && e.detail.target?.id === "pane") { toast(word("removed")); setTimeout(() => location.assign("/desk"), 1_500); }
  else toast(JSON.parse(e.detail.xhr.responseText || "{}").error ?? "");
});
document.addEventListener("toast", (e) => toast(e.detail.value));

document.addEventListener("click", (e) => {
  const view = e.target.closest("[data-go]")?.dataset.go;
  if (view) document.body.dataset.view = document.body.dataset.view === view ? "thread" : view;
  if (e.target.closest("[data-retry]")) live.retryNow();
});

const panes = ["#rows", "#thread", "#editor", "#info .panel"];
function nextPane(by) {
  const all = panes.map((s) => $(s)).filter(Boolean);
  const at = all.findIndex((el) => el.contains(document.activeElement));
  all[(at + by + all.length) % all.length]?.focus();
}

const keys = {
  j: () => inbox.step(1), k: () => inbox.step(-1), ArrowDown: () => inbox.step(1), ArrowUp: () => inbox.step(-1),
  r: () => composer.mode(false), m: () => composer.mode(true), D: toggleTheme, "/": find.open, q: linetools.quoteLast,
};
document.addEventListener("keydown", (e) => {
  if (e.key === "F6") { e.preventDefault(); nextPane(e.shiftKey ? -1 : 1); return; }
  if (e.key === "Escape" && e.target.id === "editor") { $(`#row-${thread.current()} > a`)?.focus(); return; }
  const typing = e.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing || prefs.no_keys || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || $("dialog[open], :popover-open")) return;
  if (e.key.startsWith("Arrow") && !e.target.closest?.("#rows")) return;
  const act = keys[e.key] ?? (/^[a-z]$/.test(e.key) && $(`[data-key="${e.key}"]`) ? () => $(`[data-key="${e.key}"]`).click() : undefined);
  if (act) { e.preventDefault(); act(); }
});

clock.start();
thread.start();
find.start();
linetools.start();
composer.start();
inbox.start();
notify.start();
live.connect();
