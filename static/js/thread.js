// The open thread: lines arrive, once and in order, without moving what is read.
import { $, word } from "./parts.js";
import { dayKey, dayText, localTimes } from "./clock.js";
import { on } from "./live.js";

const near = 80; // pixels from the end within which the view follows

export const talk = () => $("#talk[data-conversation]");
export const current = () => talk()?.dataset.conversation;
export const mine = () => talk()?.dataset.held === "mine";
const thread = () => $("#thread");
const atEnd = () => { const t = thread(); return t.scrollHeight - t.scrollTop - t.clientHeight < near; };
const number = (el) => Number(el.id.slice(1));
const isLine = (el) => /^m\d+$/.test(el.id);
let missed = 0;

export function toEnd() {
  const t = thread();
  t.scrollTop = t.scrollHeight;
  missed = 0;
  $("#jump").hidden = true;
}

// insert puts pushed or fetched lines where their ids belong; one that is
// already there is dropped.
export function insert(html) {
  if (!talk()) return;
  const follow = atEnd();
  const box = document.createElement("template");
  box.innerHTML = html;
  for (const li of [...box.content.children]) if (li.dataset.thread === current()) place(li, follow);
  if (follow) toEnd();
  markRead();
}

function place(li, follow) {
  if (document.getElementById(li.id)) return;
  if (li.matches(".msg:not(.out)")) $("#peek").hidden = true;
  if (li.dataset.client) $(`#lines > .pending[data-client="${li.dataset.client}"]`)?.remove();
  localTimes(li);
  let before = $("#lines").lastElementChild;
  while (before && !(isLine(before) && number(before) < number(li))) before = before.previousElementSibling;
  if (before) before.after(li); else $("#lines").append(li);
  divide(li, before);
  htmx.process(li);
  if (!follow || document.hidden) unseen(li);
}

// divide opens a new day before li when its day is not the one before.
function divide(li, before) {
  if (before && dayKey(before.dataset.at) === dayKey(li.dataset.at)) return;
  if ($(`#lines > .day[data-day="${dayKey(li.dataset.at)}"]`)) return;
  const day = document.createElement("li");
  day.className = "day";
  day.dataset.day = dayKey(li.dataset.at);
  const time = document.createElement("time");
  time.dateTime = day.dataset.day;
  time.textContent = dayText(li.dataset.at, word("today"));
  day.append(time);
  li.before(day);
}

// unseen marks the first line the agent has not looked at, once.
function unseen(li) {
  if (!li.matches(".msg:not(.out)")) return;
  missed++;
  $("#jump span").textContent = word("newmessages").replace("{n}", missed);
  $("#jump").hidden = atEnd();
  if ($("#new-divider")) return;
  const divider = document.createElement("li");
  divider.className = "day new";
  divider.id = "new-divider";
  const text = document.createElement("span");
  text.textContent = word("newline");
  divider.append(text);
  li.before(divider);
}

let reading;
export function markRead() {
  clearTimeout(reading);
  reading = setTimeout(() => {
    if (!talk() || document.hidden || !document.hasFocus() || !atEnd()) return;
    const last = [...$("#lines").children].findLast(isLine);
    if (!last || last.id === talk().dataset.read) return;
    talk().dataset.read = last.id;
    fetch(`/desk/conversations/${current()}/read`, { method: "POST", body: new URLSearchParams({ upto: number(last) }) }).catch(() => {});
  }, 250);
}

// catchUp asks for whatever came after the last line on the page.
export async function catchUp() {
  if (!talk()) return;
  const last = [...$("#lines").children].findLast(isLine);
  const id = current();
  const response = await fetch(`/desk/conversations/${id}/messages?after=${last ? number(last) : 0}`, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!response?.ok || id !== current()) return;
  if (response.headers.get("HX-Refresh")) location.reload();
  else insert(await response.text());
}

function receipts({ conversation, upto }) {
  if (String(conversation) !== current()) return;
  for (const r of document.querySelectorAll("#lines .msg.out .receipt:not(.read)")) {
    const li = r.closest("li");
    if (!isLine(li) || number(li) > upto) continue; // what is not stored yet has no number
    r.classList.add("read");
    r.lastChild.textContent = word("read");
    const use = $("use", r);
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#check-check"));
  }
}

let peeking;
function peek({ conversation, text }) {
  const row = $(`#row-${conversation} [data-preview]`);
  if (row && text) {
    row.dataset.was ??= row.textContent;
    row.innerHTML = "<span class=live></span>";
    row.firstChild.textContent = `${word("typing")}: ${text}`;
  }
  if (String(conversation) !== current()) return;
  $("#peek .trunc").textContent = text;
  $("#peek").hidden = !text;
  clearTimeout(peeking);
  peeking = setTimeout(() => { $("#peek").hidden = true; }, 6_000);
}

// Older lines go in above without moving what is on the screen.
let keep;
document.addEventListener("htmx:beforeSwap", (e) => {
  if (e.detail.target.id === "older") keep = thread().scrollHeight - thread().scrollTop;
});
document.addEventListener("htmx:afterSwap", (e) => {
  if (keep === undefined || !thread()) return;
  let day;
  for (const d of document.querySelectorAll("#lines > .day[data-day]")) {
    if (d.dataset.day === day) d.remove();
    day = d.dataset.day;
  }
  thread().scrollTop = thread().scrollHeight - keep;
  keep = undefined;
});

function scrolled() {
  if (atEnd()) { $("#jump").hidden = true; missed = 0; markRead(); }
  if (thread().scrollTop < 200 && $("#older:not(.htmx-request)")) htmx.trigger("#older", "older");
}

// opened prepares a thread that was just put on the page.
export function opened() {
  if (!talk()) return;
  missed = 0;
  const divider = $("#new-divider");
  if (divider) divider.scrollIntoView({ block: "center" }); else toEnd();
  thread().addEventListener("scroll", scrolled, { passive: true });
  markRead();
}

// refreshPane shows the conversation anew after it changed hands or ended.
export function refreshPane(id) {
  if (String(id) === current()) htmx.ajax("GET", `/desk/conversations/${id}`, { target: "#pane", swap: "innerHTML" });
}

export function start() {
  on("line", insert);
  on("read", (data) => receipts(JSON.parse(data)));
  on("typing", (data) => peek(JSON.parse(data)));
  on("moved", (id) => refreshPane(id));
  document.addEventListener("click", (e) => { if (e.target.closest("#jump")) toEnd(); });
  document.addEventListener("visibilitychange", markRead);
  addEventListener("focus", markRead);
  opened();
}
