// Copy and quote, next to the message under the pointer.
import { $, toast, word } from "./parts.js";
import { put } from "./composer.js";

const said = (li) => $(".bubble", li).innerText.trim();

function quote(li) {
  put(`${said(li).split("\n").slice(0, 3).map((l) => `> ${l}`).join("\n")}\n`);
}

// quoteLast quotes the customer's newest message, for hands on the keyboard.
export function quoteLast() {
  const li = [...document.querySelectorAll("#lines .msg:not(.out)")].pop();
  if (li) quote(li);
}

export function start() {
  document.addEventListener("pointerover", (e) => {
    const li = e.target.closest?.("#lines .msg:not(.pending)"), tools = $("#line-tools");
    if (!tools || tools.contains(e.target)) return;
    tools.hidden = !li;
    if (li && tools.parentElement !== li) li.append(tools);
  });
  document.addEventListener("click", (e) => {
    const act = e.target.closest("[data-line]")?.dataset.line, li = e.target.closest(".msg");
    if (act === "quote") quote(li);
    if (act === "copy") navigator.clipboard?.writeText(said(li)).then(() => toast(word("copied")), () => {});
  });
}
