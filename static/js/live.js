// What the server says, as events on the document: live:line, live:list …
import { openStream } from "./stream.js";

const say = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
let retry = () => {};

export function connect() {
  const after = Number(document.body.dataset.after), { lang } = document.documentElement;
  const receive = (m) => {
    if (m.state) say("state", m);
    if (m.event) say(m.event, m.data);
  };
  if (!window.SharedWorker) {
    const stream = openStream({ url: "/desk/live", after, lang, onEvent: receive, onState: (state) => receive({ state }) });
    retry = () => stream.retry();
    return;
  }
  const { port } = new SharedWorker(document.body.dataset.worker, { type: "module", name: "parlor" });
  port.onmessage = ({ data }) => receive(data);
  port.postMessage({ hello: true, after, lang });
  retry = () => port.postMessage({ retry: true });
  addEventListener("pagehide", () => port.postMessage({ bye: true }));
  addEventListener("pageshow", (e) => { if (e.persisted) port.postMessage({ hello: true, after: 0, lang }); });
}

export const on = (name, f) => document.addEventListener(`live:${name}`, (e) => f(e.detail));
export const retryNow = () => retry();
