// One clock for every running timer on the page.
export const pad = (n) => String(n).padStart(2, "0");

export function timer(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 3600) return `${pad(Math.floor(s / 60))}:${pad(s % 60)}`;
  return `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}

const level = (ms) => (ms >= 300_000 ? "over" : ms >= 120_000 ? "warn" : "ok");

function tick() {
  if (document.hidden) return;
  const now = Date.now();
  for (const el of document.querySelectorAll("[data-since]")) {
    const text = timer(now - el.dataset.since);
    if (el.textContent !== text) el.textContent = text;
  }
  for (const el of document.querySelectorAll("[data-wait]")) {
    const l = level(now - el.dataset.wait);
    if (el.dataset.level !== l) el.dataset.level = l;
  }
}

export const start = () => setInterval(tick, 1000);

// localTimes shows times in the browser's zone; pushed lines carry the server's.
export function localTimes(root) {
  for (const t of root.querySelectorAll("time[datetime*='T']")) {
    const at = new Date(t.dateTime);
    t.textContent = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  }
}

export const dayKey = (ms) => { const d = new Date(Number(ms)); return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`; };

export function dayText(ms, today) {
  const lang = document.documentElement.lang, date = new Date(Number(ms));
  const text = date.toLocaleDateString(lang, { month: "short", day: "numeric", weekday: "short" });
  return dayKey(ms) === dayKey(Date.now()) ? `${today} · ${text}` : text;
}
