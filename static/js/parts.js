// Small behaviour that every page shares.
export const $ = (selector, root = document) => root.querySelector(selector);
export const word = (name) => $("#words")?.dataset[name] ?? "";

export function toast(text, actions = [], stay = 6_000) {
  const place = $("#toasts");
  if (!place) return;
  const note = document.createElement("div");
  note.className = "toast";
  note.append(text);
  for (const [label, act] of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.onclick = () => { note.remove(); act(); };
    note.append(button);
  }
  place.append(note);
  if (stay) setTimeout(() => note.remove(), stay);
  return note;
}

export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("parlor:theme", root.dataset.theme); } catch { /* only for this page then */ }
}

// What the server said with the page goes away like any other note.
for (const note of document.querySelectorAll("#toasts > .toast")) setTimeout(() => note.remove(), 6_000);

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent;
  await navigator.clipboard?.writeText(text).catch(() => {});
  getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
  toast(word("copied"));
}

document.addEventListener("click", (e) => {
  if (e.target.closest("[data-theme-toggle]")) toggleTheme();
  const button = e.target.closest("[data-copy]");
  if (button) copy(button);
});

// A second click must not send a form twice.
document.addEventListener("submit", (e) => {
  const button = e.submitter;
  if (e.defaultPrevented || !button || e.target.hasAttribute("hx-post")) return;
  setTimeout(() => { button.setAttribute("aria-busy", "true"); button.disabled = true; });
});
addEventListener("pageshow", () => {
  for (const b of document.querySelectorAll("button[aria-busy]")) { b.removeAttribute("aria-busy"); b.disabled = false; }
});

// Engines without anchor positioning place popovers by hand.
if (!CSS.supports("position-area: block-end")) {
  document.addEventListener("toggle", (e) => {
    if (e.newState !== "open" || !e.target.matches?.(".pop")) return;
    const b = $(`[popovertarget="${e.target.id}"]`)?.getBoundingClientRect(), m = e.target.getBoundingClientRect();
    if (!b) return;
    e.target.style.left = `${Math.max(8, Math.min(b.left, innerWidth - m.width - 8))}px`;
    e.target.style.top = `${b.bottom + m.height > innerHeight ? Math.max(8, b.top - m.height - 4) : b.bottom}px`;
  }, true);
}
