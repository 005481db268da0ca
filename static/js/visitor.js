// The visitor's page. It needs nothing but this; without it the form still posts.
import { openStream } from "./stream.js";
import { Outbox, newClient } from "./outbox.js";
import { dayKey, dayText, localTimes } from "./clock.js";

const $ = (s) => document.querySelector(s);
const chat = $("#chat"), base = `/chat/${chat.dataset.key}`, embedded = "embed" in chat.dataset;
const word = (name) => chat.getAttribute(`data-w-${name}`) || "";
const query = embedded ? "?embed=1" : "";
const memory = new Map();
const session = {
  getItem(k) { try { return sessionStorage.getItem(k); } catch { return memory.get(k) ?? null; } },
  setItem(k, v) { memory.set(k, v); try { sessionStorage.setItem(k, v); } catch { /* for this page only */ } },
};

// A browser that blocks the cookie sends the token in a header; the token is
// kept in this frame's own session storage, never where a site could read it.
let token = session.getItem("parlor:token") || "", known = "known" in chat.dataset;
let hostOrigin, stream, shown = !embedded, last = Number(chat.dataset.last), host = { page: embedded ? "" : document.referrer };
const headers = () => (token ? { "X-Parlor-Visitor": token } : {});
const ask = (path, options = {}) => fetch(base + path, { credentials: "same-origin", ...options, headers: { ...headers(), ...options.headers } });
const post = (path, fields, options) => ask(path, { method: "POST", body: new URLSearchParams(fields), ...options });

// ---- lines
const body = $("#body"), lines = $("#lines"), text = $("#text");
const number = (el) => Number(el.id.slice(1));
const atEnd = () => body.scrollHeight - body.scrollTop - body.clientHeight < 80;
const toEnd = () => { body.scrollTop = body.scrollHeight; };

function insert(html) {
  const follow = atEnd(), box = document.createElement("template");
  box.innerHTML = html;
  for (const el of [...box.content.children]) {
    if (!el.id || document.getElementById(el.id)) continue;
    if (el.dataset.client) pending(el.dataset.client)?.remove();
    localTimes(el);
    let before = lines.lastElementChild;
    while (before && !(before.id && number(before) < number(el))) before = before.previousElementSibling;
    if (before) before.after(el); else lines.prepend(el);
    if (!lines.querySelector(`[data-day="${dayKey(el.dataset.at)}"]`)) el.before(day(el.dataset.at));
    last = Math.max(last, number(el));
    if (el.matches("[data-from-agent]")) $("#typing").hidden = true;
  }
  if (follow) toEnd();
  markRead();
}

function day(at) {
  const p = document.createElement("p");
  p.className = "w-day";
  p.dataset.day = dayKey(at);
  p.textContent = dayText(at, word("today"));
  return p;
}

let reading;
function markRead() {
  clearTimeout(reading);
  reading = setTimeout(() => {
    const newest = [...lines.querySelectorAll("[data-from-agent]")].pop();
    if (!newest || !shown || document.hidden || newest.id === lines.dataset.read) return;
    lines.dataset.read = newest.id;
    post("/read", { upto: number(newest) }).catch(() => {});
    tellHost("unread", { n: 0 });
  }, 300);
}

// ---- sending
const pending = (client) => lines.querySelector(`.pending[data-client="${client}"]`);
const outbox = new Outbox({
  store: session, key: `parlor:out:${chat.dataset.key}`,
  post: (i) => post(`/messages${query}`, { client_id: i.client, body: i.body, ...host }, { headers: { Accept: "application/json" } }),
  done(item) {
    if (!known) { known = true; tellHost("known"); connect(); }
    pending(item.client)?.classList.add("sent");
    setTimeout(() => { if (pending(item.client)) catchUp(); }, 1_000);
  },
  refused(item, { error, fields }) {
    const el = pending(item.client);
    if (el) { el.classList.replace("pending", "failed"); el.querySelector(".w-meta").textContent = `${word("failed")} · ${fields?.body || error}`; }
  },
  stopped() {},
});

function show({ client, body: said }) {
  const el = document.createElement("div"), p = document.createElement("p"), meta = document.createElement("p");
  el.className = "w-msg out pending";
  el.dataset.client = client;
  p.className = "w-out w-pending";
  p.textContent = said;
  meta.className = "w-meta";
  meta.textContent = word("sending");
  el.append(p, meta);
  lines.append(el);
  toEnd();
}

function problem(message) {
  $("#text-error").textContent = message;
  $("#text-error").hidden = !message;
}

function send() {
  const said = text.value;
  if (!said.trim()) return;
  if ([...said].length > 10_000) { problem(word("long")); return; }
  problem("");
  if (!known && !token) { token = newClient(); session.setItem("parlor:token", token); } // chosen here, so that a lost answer changes nothing
  const item = { client: newClient(), body: said };
  show(item);
  outbox.add(item);
  text.value = "";
  text.focus();
}

$("#compose").addEventListener("submit", (e) => { e.preventDefault(); send(); });
text.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
  e.preventDefault();
  send();
});

let told = 0, later;
text.addEventListener("input", () => {
  const n = [...text.value].length;
  $("#count").hidden = n < 9_000;
  $("#count").textContent = `${n} / 10000`;
  $("#count").dataset.level = n > 10_000 ? "over" : "";
  if (!known) return;
  clearTimeout(later);
  const tell = () => { told = Date.now(); post("/typing", { body: text.value.slice(0, 500) }).catch(() => {}); };
  later = setTimeout(tell, Math.max(0, told + 700 - Date.now()));
});

// ---- live
async function region() {
  const response = await ask(`/state${query}`).catch(() => undefined);
  if (!response?.ok) return;
  const box = document.createElement("template");
  box.innerHTML = await response.text();
  for (const el of [...box.content.children]) document.getElementById(el.id)?.replaceWith(el);
}

async function catchUp() {
  const response = await ask(`/messages?after=${last}`).catch(() => undefined);
  if (response?.ok) insert(await response.text());
}

// resume asks with the token of this tab, where the page was made without it.
async function resume() {
  last = 0;
  await catchUp();
  if (!lines.children.length) return;
  known = true;
  region();
  connect();
}

let typed;
const events = {
  line: insert, state: region, resync: () => { catchUp(); region(); },
  typing() { $("#typing").hidden = false; if (atEnd()) toEnd(); clearTimeout(typed); typed = setTimeout(() => { $("#typing").hidden = true; }, 5_000); },
  place(n) {
    if (!$("#position")) return;
    $("#position").textContent = n;
    $("#state b").textContent = Number(n) <= 1 ? word("next") : word("ahead").replace("{n}", n - 1);
  },
};

let down;
function connect() {
  if (stream || !known || !shown) return;
  stream = openStream({
    url: `${base}/live`, lang: document.documentElement.lang, headers: headers(), after: last,
    onEvent: ({ event, data }) => events[event]?.(data),
    onState(state, response) {
      if (token && response?.headers.get("X-Parlor-Known") === "true") { token = ""; session.setItem("parlor:token", ""); } // the cookie does
      if (state === "down") { down ??= setTimeout(() => { $("#net").hidden = false; }, 3_000); return; }
      clearTimeout(down);
      down = undefined;
      $("#net").hidden = true;
      outbox.flush();
    },
  });
}

function disconnect() {
  stream?.close();
  stream = undefined;
}

// ---- the page around the frame
function ownParent() {
  try { return parent.location.origin === location.origin; } catch { return false; }
}
for (const [event, on] of [["focus", true], ["blur", false]]) text.addEventListener(event, () => tellHost("typing", { on }));
const tellHost = (parlor, more) => { if (hostOrigin) parent.postMessage({ parlor, ...more }, hostOrigin); };
addEventListener("message", (e) => {
  if (!embedded || e.source !== parent || typeof e.data?.parlor !== "string" || (hostOrigin && e.origin !== hostOrigin)) return;
  hostOrigin = e.origin;
  if (e.data.parlor === "shown") {
    shown = true;
    const page = e.data.page || {};
    host = { page: String(page.url || ""), title: String(page.title || ""), referrer: String(page.referrer || "") };
    if (known) { tellHost("known"); connect(); catchUp().then(region); }
    toEnd();
    text.focus();
  }
  if (e.data.parlor === "folded") { shown = false; disconnect(); }
});
setInterval(async () => {
  if (shown || !known || !embedded || document.hidden) return;
  const response = await ask("/unread").catch(() => undefined);
  if (response?.ok) tellHost("unread", { n: (await response.json()).unread });
}, 10_000);

document.addEventListener("click", async (e) => {
  if (e.target.closest("#fold")) tellHost("fold");
  const older = e.target.closest("[data-older]");
  if (!older) return;
  e.preventDefault();
  const first = [...lines.children].find((el) => el.id), height = body.scrollHeight;
  const response = await ask(`/messages?before=${number(first)}`).catch(() => undefined);
  if (!response?.ok) return;
  const box = document.createElement("template");
  box.innerHTML = await response.text();
  $("#older").replaceWith(...[box.content.querySelector("#older")].filter(Boolean));
  lines.prepend(box.content);
  body.scrollTop += body.scrollHeight - height;
});
document.addEventListener("submit", (e) => {
  if (!e.target.matches("[data-end]")) return;
  e.preventDefault();
  post(`/closure${query}`, {}, { headers: { Accept: "application/json" } }).then(region).catch(() => {});
});
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && embedded) tellHost("fold"); });
document.addEventListener("visibilitychange", markRead);

for (const i of outbox.items) show(i);
document.cookie = `tz=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "")}; path=/; max-age=31536000; samesite=lax`;
localTimes(document);
toEnd();
if (token && !lines.children.length) resume();
// Shown on its own, or in a page that does not speak to it, such as the settings.
if (shown || ownParent()) { shown = true; connect(); markRead(); }
outbox.flush();
