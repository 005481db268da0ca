// An event stream over fetch: it can carry a token header, keeps its cursor
// over every sort of failure, and comes back at a random moment.
const quietFor = 45_000; // the server says something at least every 20 s
const mostDelay = 8_000;

export function openStream({ url, lang, headers = {}, after, onEvent, onState }) {
  let last = after, delay = 500, stopped = false, abort, wake = () => {};

  async function run() {
    while (!stopped) {
      const begun = Date.now();
      const verdict = await attempt().catch(() => "down");
      if (stopped || verdict === "over") break;
      onState("down");
      if (Date.now() - begun > 5_000) delay = 500;
      const wait = verdict === "restart" ? Math.random() * 5_000 : Math.random() * delay;
      delay = Math.min(delay * 2, mostDelay);
      await new Promise((resolve) => { wake = resolve; setTimeout(resolve, wait); });
    }
  }

  async function attempt() {
    abort = new AbortController();
    let watchdog = setTimeout(() => abort.abort(), quietFor);
    const response = await fetch(`${url}?after=${last}&lang=${lang}`, { headers, signal: abort.signal, cache: "no-store", credentials: "same-origin" });
    if (response.status === 404 || response.status === 403) { onState("gone"); return "over"; }
    if (!response.ok || !response.body) return "down";
    onState("up", response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "", verdict = "down";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return verdict;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => abort.abort(), quietFor);
        text += value;
        const frames = text.split("\n\n");
        text = frames.pop();
        for (const frame of frames) verdict = take(frame) || verdict;
      }
    } finally { clearTimeout(watchdog); }
  }

  function take(frame) {
    const field = {};
    for (const line of frame.split("\n")) {
      const at = line.indexOf(":");
      if (at > 0) field[line.slice(0, at)] = line.slice(at + 2);
    }
    if (field.data === undefined) return;
    if (/^\d+$/.test(field.id)) last = Number(field.id);
    if (field.event === "restart") return "restart";
    if (field.event === "signed-out") stopped = true;
    onEvent({ event: field.event || "message", data: field.data, id: last });
  }

  run();
  return {
    get last() { return last; },
    retry() { delay = 500; wake(); },
    close() { stopped = true; if (abort) abort.abort(); wake(); },
  };
}
