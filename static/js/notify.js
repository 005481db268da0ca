// Telling a person who looks elsewhere: title, sound, desktop notification.
import { $, toast, word } from "./parts.js";
import { current, talk } from "./thread.js";
import { on } from "./live.js";

const prefs = JSON.parse(document.body.dataset.prefs || "{}");
const [here, team] = document.title.split(" · ").map((s) => s.trim());
let leads = !navigator.locks, audio, asked = false, sounded = 0;

// One page of several makes the noise: whoever holds this lock.
navigator.locks?.request("parlor:notifier", () => { leads = true; return new Promise(() => {}); });

export function title() {
  const n = Number($("#unread-badge")?.dataset.n || 0);
  const plain = [talk()?.dataset.name ?? here, team].filter(Boolean).join(" · ");
  document.title = n ? `(${n}) ${plain}` : plain;
}

export function chime(high) {
  audio ??= new AudioContext();
  if (audio.state === "suspended") {
    audio.resume();
    if (audio.state === "suspended") blocked();
    return;
  }
  const start = audio.currentTime;
  [high ? 880 : 660, high ? 1175 : 880].forEach((pitch, i) => {
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start + i * 0.14);
    volume.gain.exponentialRampToValueAtTime(0.12, start + i * 0.14 + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + i * 0.14 + 0.32);
    tone.connect(volume).connect(audio.destination);
    tone.start(start + i * 0.14);
    tone.stop(start + i * 0.14 + 0.35);
  });
}

let told = false;
function blocked() {
  if (told) return;
  told = true;
  toast(word("blocked"));
  addEventListener("pointerdown", () => audio.resume(), { once: true });
}

function desktop(n) {
  if (prefs.quiet || !("Notification" in window)) return;
  if (Notification.permission === "default" && !asked && n.kind === "assigned") ask();
  if (Notification.permission !== "granted" || !document.hidden) return;
  const note = new Notification(n.title, { body: n.text, tag: `parlor-${n.conversation}` });
  note.onclick = () => { focus(); location.assign(`/desk/conversations/${n.conversation}`); };
}

function ask() {
  asked = true;
  if (sessionStorage.getItem("parlor:asked")) return;
  sessionStorage.setItem("parlor:asked", "1");
  toast(word("notify"), [[word("enable"), () => Notification.requestPermission()], [word("later"), () => {}]], 20_000);
}

function notice(n) {
  const looking = String(n.conversation) === current() && document.hasFocus();
  if (n.kind === "mention" && !looking) toast(n.title, [["→", () => location.assign(`/desk/conversations/${n.conversation}`)]]);
  if (!leads || looking) return;
  if (!prefs.mute && Date.now() - sounded > 2_000) {
    sounded = Date.now();
    chime(n.kind === "assigned" || n.kind === "queued");
  }
  desktop(n);
}

export function start() {
  on("notice", (data) => notice(JSON.parse(data)));
  document.addEventListener("click", (e) => { if (e.target.closest("[data-test-sound]")) chime(true); });
  title();
}
