// Keeps a page as things stand: while something goes on ([data-follow] is in it), and after htmx brought news into it, the page is
// asked for again and only what differs is put in place. Whoever reads, types or tabs through the rest notices nothing.

import { show } from "./toast.js";

const SOON = 800;
const PAUSE = 2000;
const FOCUSABLE = "a[href], button, input, select, summary";
const main = document.getElementById("main");
let etag = "";
let timer = 0;
let missed = false;

function later(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(look, pause);
}

async function look() {
  missed = document.hidden;
  if (missed) return; // seen again, it looks again
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(location.href, { headers, cache: "no-store" }).catch(() => null);
  if (answer?.redirected) return; // signed out, or gone
  if (!answer || answer.status >= 500) return later(); // busy, or not there for a moment
  if (answer.ok) {
    etag = answer.headers.get("ETag") ?? "";
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
  if (main.querySelector("[data-follow]")) later();
}

function put(fresh) {
  const focused = document.activeElement;
  for (const id of ["navigation", "main"]) renew(document.getElementById(id), fresh.getElementById(id));
  if (!focused.isConnected) (twin(focused) ?? main).focus({ preventScroll: true });
  for (const toast of fresh.querySelectorAll("#toasts [data-toast]")) show(toast.querySelector("p").textContent, toast.dataset.toast);
}

// What stands for a part that was replaced: it leads to the same place, or bears the same words.
function twin(gone) {
  const known = (each) => each.getAttribute("href") ?? each.name ?? each.textContent;
  return [...main.querySelectorAll(FOCUSABLE)].find((each) => each.localName === gone.localName && known(each) === known(gone));
}

function renew(old, fresh) {
  if (old.dataset && "keep" in old.dataset) return; // minds itself
  if (old.localName === "details") fresh.open = old.open;
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) old.data = fresh.data;
  else if (old.cloneNode().isEqualNode(fresh.cloneNode())) renewInside(old, fresh);
  else exchange(old.parentNode, [old], [fresh], null);
}

// Equal beginnings and ends stay, and what bears the same id is the same; only what lies between may have come or gone.
function renewInside(old, fresh) {
  const [olds, news, pairs] = [[...old.childNodes], [...fresh.childNodes], []];
  const same = (a, b) => a && b && (a.isEqualNode(b) || (a.id && a.id === b.id));
  while (same(olds[0], news[0])) pairs.push([olds.shift(), news.shift()]);
  let behind = null;
  while (same(olds.at(-1), news.at(-1))) pairs.push([(behind = olds.pop()), news.pop()]);
  if (olds.length === news.length) olds.forEach((each, place) => pairs.push([each, news[place]]));
  else exchange(old, olds, news, behind);
  for (const [each, newer] of pairs) renew(each, newer);
}

function exchange(parent, olds, news, behind) {
  for (const each of news) parent.insertBefore(each, olds[0] ?? behind);
  for (const each of olds) each.remove();
  for (const each of news) if (each.nodeType === Node.ELEMENT_NODE) window.htmx.process(each);
}

document.addEventListener("visibilitychange", () => missed && look());
document.addEventListener("htmx:afterSwap", (event) => main.contains(event.target) && later(SOON));
if (main.querySelector("[data-follow]")) later(SOON);
