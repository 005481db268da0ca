// Writing and sending: nothing typed is ever lost, nothing is sent twice.
import { $, toast, word } from "./parts.js";
import { Outbox, newClient } from "./outbox.js";
import { catchUp, current, mine, toEnd } from "./thread.js";

const agent = document.body.dataset.agent;
const prefs = JSON.parse(document.body.dataset.prefs || "{}");
const form = () => $("#compose");
const editor = () => $("#editor");
const isNote = () => $("#mode-note")?.checked;
const hint = () => { editor().placeholder = isNote() ? editor().dataset.note : editor().dataset.reply; };
const draftKey = () => `parlor:draft:${agent}:${current()}`;

const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { if (value) localStorage.setItem(key, value); else localStorage.removeItem(key); } catch { /* kept on the page */ } },
};

const outbox = new Outbox({
  store: localStorage, key: `parlor:out:${agent}`,
  post: (i) => fetch(`/desk/conversations/${i.conversation}/messages`, {
    method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ client_id: i.client, kind: i.kind, body: i.body }),
  }),
  done(item) {
    setTimeout(() => { if (pending(item.client)) catchUp(); }, 1_000);
  },
  refused(item, { error, fields }) {
    const text = fields?.body || error;
    const li = pending(item.client);
    if (!li) { toast(text); return; }
    li.className = li.className.replace("pending", "failed");
    li.querySelector(".receipt").textContent = `${word("failed")} · ${text} `;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "link";
    again.textContent = word("resend");
    again.onclick = () => { li.remove(); send(item.body, item.kind); };
    li.querySelector(".receipt").append(again);
  },
  stopped() { signIn(); },
});

let asked = false;
export function signIn() {
  save();
  if (asked) return;
  asked = true;
  const next = encodeURIComponent(location.pathname + location.search);
  toast(word("signedout"), [[word("signin"), () => location.assign(`/login?next=${next}`)]], 0);
}

const pending = (client) => $(`#lines > .pending[data-client="${client}"]`);

// show puts a message on the page before the server has it.
function show({ client, kind, body }) {
  const note = kind === "note";
  const li = document.createElement("li");
  li.className = note ? "noted pending" : "msg out pending";
  li.dataset.client = client;
  li.dataset.at = Date.now();
  const text = document.createElement(note ? "p" : "div");
  text.className = note ? "body" : "bubble";
  text.textContent = body;
  const receipt = document.createElement("p");
  receipt.className = "receipt";
  receipt.textContent = word("sending");
  li.append(text, receipt);
  $("#lines").append(li);
  toEnd();
}

function send(body, kind) {
  const item = { conversation: current(), client: newClient(), kind, body };
  show(item);
  outbox.add(item);
}

export const flush = () => outbox.flush();

function submit() {
  const body = editor().value;
  if (!body.trim()) return;
  $("#new-divider")?.remove();
  send(body, isNote() ? "note" : "text");
  editor().value = "";
  save();
  editor().focus();
}

// Drafts are kept per conversation, with the kind they were meant for.
export function save() {
  if (!editor()) return;
  const text = editor().value;
  store.set(draftKey(), text && JSON.stringify({ text, note: isNote() }));
}

export function restore() {
  if (!editor()) return;
  for (const i of outbox.items) if (i.conversation === current() && !pending(i.client)) show(i);
  const draft = JSON.parse(store.get(draftKey()) || "null");
  if (draft && !editor().value) {
    editor().value = draft.text;
    if (draft.note && $("#mode-note")) $("#mode-note").checked = true;
  }
  hint();
  if (prefs.ctrl_enter) $("[data-send-key]").textContent = word("newline");
  if (matchMedia("(pointer: fine)").matches) editor().focus();
}

export function mode(note) {
  const radio = $(note ? "#mode-note" : "#mode-reply");
  if (!radio) return;
  radio.checked = true;
  hint();
  save();
  editor().focus();
}

let told = 0;
function typing() {
  if (isNote() || !mine() || Date.now() - told < 2_500) return;
  told = Date.now();
  fetch(`/desk/conversations/${current()}/typing`, { method: "POST" }).catch(() => {});
}

// put inserts text where the caret is.
export function put(text) {
  const e = editor();
  if (!e) return;
  e.setRangeText(text, e.selectionStart, e.selectionEnd, "end");
  e.dispatchEvent(new Event("input", { bubbles: true }));
  e.focus();
}

// Calling a colleague: @ in a note opens the list of names.
const box = () => $("#mentions");
function called() {
  const before = editor().value.slice(0, editor().selectionStart);
  return isNote() ? /@([^\s@]*)$/.exec(before) : null;
}

function offer() {
  const typed = called();
  const names = typed ? form().dataset.mentions.split("\n").filter((n) => n && n.toLowerCase().startsWith(typed[1].toLowerCase())) : [];
  box().hidden = !names.length;
  const list = box().querySelector("ul");
  list.replaceChildren(...names.slice(0, 8).map((name, i) => {
    const li = document.createElement("li");
    li.role = "option";
    li.setAttribute("aria-selected", i === 0);
    li.textContent = name;
    return li;
  }));
}

function choose(li) {
  const typed = called();
  if (!li || !typed) return;
  editor().selectionStart -= typed[0].length;
  put(`@${li.textContent} `);
  box().hidden = true;
}

function picking(e) {
  const all = [...box().querySelectorAll("li")];
  const i = all.findIndex((li) => li.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step) {
    all[i].setAttribute("aria-selected", false);
    all[(i + step + all.length) % all.length].setAttribute("aria-selected", true);
  } else if (e.key === "Enter" || e.key === "Tab") choose(all[i]);
  else if (e.key === "Escape") box().hidden = true;
  else return;
  e.preventDefault();
  e.stopPropagation();
}

function keydown(e) {
  // 229 is an Enter that belongs to an input method also where isComposing is already false.
  if (e.target.id !== "editor" || e.isComposing || e.keyCode === 229) return;
  if (!box().hidden) { picking(e); if (e.defaultPrevented) return; }
  const strong = e.ctrlKey || e.metaKey;
  if (e.key === "Enter" && !e.shiftKey && strong === !!prefs.ctrl_enter) {
    e.preventDefault();
    submit();
  }
}

export function start() {
  document.addEventListener("submit", (e) => { if (e.target.id === "compose") { e.preventDefault(); e.stopImmediatePropagation(); submit(); } }, true);
  document.addEventListener("keydown", keydown);
  document.addEventListener("input", (e) => { if (e.target.id === "editor") { save(); typing(); offer(); } });
  document.addEventListener("change", (e) => { if (e.target.name === "kind") { hint(); save(); } });
  document.addEventListener("mousedown", (e) => { if (e.target.closest("#mentions li")) { e.preventDefault(); choose(e.target); } });
  document.addEventListener("click", (e) => {
    const emoji = e.target.closest("[data-emoji]");
    if (emoji) { put(emoji.dataset.emoji); $("#emoji").hidePopover(); }
    if (e.target.closest("[data-mention]")) { put("@"); if (box().hidden) toast(word("nobody")); }
  });
  document.addEventListener("submit", (e) => {
    if (!e.target.hasAttribute("data-clears-drafts")) return;
    for (const key of Object.keys(localStorage)) if (key.startsWith("parlor:draft:") || key.startsWith("parlor:out:")) localStorage.removeItem(key);
  });
  addEventListener("pagehide", save);
  restore();
  flush();
}

