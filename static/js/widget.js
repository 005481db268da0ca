// The launcher on somebody's website. It opens no frame before the first click.
(() => {
  const config = window.parlorConfig;
  if (!config || document.getElementById("parlor-widget")) return;
  const lang = /^zh/i.test(navigator.language) ? "zh-CN" : "en", texts = config.texts[lang];
  const brand = { cobalt: "#2b52a8", celadon: "#1d6f6a", ochre: "#8f5a08", cinnabar: "#a93b2f", plum: "#6b4a93" }[config.brand];
  const flag = `parlor:${config.key}`;
  let frame, open = false, unread = 0;

  const host = document.createElement("div");
  host.id = "parlor-widget";
  const root = host.attachShadow({ mode: "closed" });
  const style = `
    :host { all: initial; }
    .box { position: fixed; z-index: 2147483000; bottom: 24px; ${config.side}: 24px; font: 14px/1.5 -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif; }
    button { position: relative; width: 56px; height: 56px; padding: 0; border: 0; border-radius: 31%; background: ${brand}; color: #fff; cursor: pointer; box-shadow: 0 4px 10px rgba(40,36,28,.14), 0 14px 34px rgba(40,36,28,.2); }
    button:focus-visible { outline: 3px solid ${brand}; outline-offset: 3px; }
    svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; vertical-align: middle; }
    b { position: absolute; top: -5px; right: -5px; min-width: 20px; height: 20px; box-sizing: border-box; padding: 0 5px; border-radius: 10px; background: #c0392b; color: #fff; font-size: 11px; line-height: 20px; text-align: center; box-shadow: 0 0 0 2px #fff; }
    [hidden] { display: none; }
    iframe { position: fixed; bottom: 24px; ${config.side}: 24px; width: 376px; height: min(608px, calc(100vh - 48px)); border: 0; border-radius: 16px; background: transparent; box-shadow: 0 0 0 1px rgba(40,36,28,.08), 0 24px 70px rgba(40,36,28,.24); color-scheme: normal; }
    @media (max-width: 600px) {
      iframe { left: 0; right: 0; bottom: 0; width: 100%; height: max(56vh, min(336px, 92vh)); border-radius: 16px 16px 0 0; }
      iframe.tall { height: 88vh; }
    }`;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet]; // also where the site's own policy forbids inline styles
  } catch {
    const el = document.createElement("style");
    el.textContent = style;
    root.append(el);
  }

  const box = document.createElement("div");
  box.className = "box";
  const button = document.createElement("button");
  button.type = "button";
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M7.9 20A9 9 0 1 0 4 16.1L2 22Z");
  icon.append(path);
  const badge = document.createElement("b");
  badge.hidden = true;
  button.append(icon, badge);
  box.append(button);
  root.append(box);

  function label() {
    badge.hidden = !unread;
    badge.textContent = unread > 99 ? "99+" : unread;
    button.setAttribute("aria-label", unread ? `${texts.open} · ${texts.unread.replace("{n}", unread)}` : texts.open);
  }

  const tell = (parlor, more) => frame.contentWindow.postMessage({ parlor, ...more }, config.base);
  const page = () => ({ url: location.href.split("#")[0], title: document.title, referrer: document.referrer });

  function show() {
    open = true;
    unread = 0;
    label();
    button.hidden = true;
    if (frame) { frame.hidden = false; tell("shown", { page: page() }); return; }
    frame = document.createElement("iframe");
    frame.title = texts.title;
    frame.src = `${config.base}/chat/${config.key}?embed=1`;
    frame.onload = () => { if (open) tell("shown", { page: page() }); };
    box.append(frame);
  }

  function fold() {
    open = false;
    frame.hidden = true;
    frame.classList.remove("tall");
    button.hidden = false;
    button.focus();
    tell("folded");
  }

  addEventListener("message", (e) => {
    if (!frame || e.origin !== config.base || e.source !== frame.contentWindow || !e.data) return;
    if (e.data.parlor === "fold") fold();
    if (e.data.parlor === "known") try { localStorage.setItem(flag, "1"); } catch { /* no bubble before the first click then */ }
    if (e.data.parlor === "unread" && !open) { unread = Number(e.data.n) || 0; label(); }
    if (e.data.parlor === "typing") frame.classList.toggle("tall", !!e.data.on);
  });
  button.addEventListener("click", show);

  // Whoever has chatted before is shown what came in, without a frame.
  async function look() {
    if (frame || document.hidden) return;
    try {
      const response = await fetch(`${config.base}/chat/${config.key}/unread`, { credentials: "include" });
      unread = (await response.json()).unread;
      label();
    } catch { /* blocked by the site's policy: the launcher works all the same */ }
  }
  try {
    if (localStorage.getItem(flag)) { look(); setInterval(look, 10_000); }
  } catch { /* storage is blocked */ }

  label();
  const mount = () => document.body.append(host);
  if (document.body) mount(); else addEventListener("DOMContentLoaded", mount);
})();
