// Connecting in a pop-up. Whatever the window says is only a hint: the server asks the provider, and its answer is shown.

const SIZE = "popup,width=700,height=800";
const LOOK_AT_WINDOW = 400;
// What the provider's page may report, in the words that our server knows.
const HINTS = { connection_error: "denied", invalid_token: "link", invalid_integration: "unavailable" };
const area = document.getElementById("connect-status");

function show(template, words = "") {
  const copy = document.getElementById(template).content.cloneNode(true);
  if (words) copy.querySelector(".note-words p:last-child").textContent = words;
  delete area.dataset.attempt;
  area.replaceChildren(copy);
}

function look(address, hint = "") {
  window.htmx.ajax("POST", address, { target: "#connect-status", swap: "innerHTML", values: { hint } });
}

async function ask(form) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("no JSON");
  return answer.json();
}

// Only the window that we opened, and only from the provider's own origin.
function listen(popup, origin, told) {
  window.addEventListener("message", function onMessage(event) {
    if (event.source !== popup || event.origin !== origin) return;
    window.removeEventListener("message", onMessage);
    const { result, error_type: kind } = Object(event.data);
    told(result === "success" ? "" : HINTS[kind] ?? (result === "error" ? "failed" : ""));
  });
}

function watch(popup, closed) {
  const timer = setInterval(() => {
    if (!popup.closed) return;
    clearInterval(timer);
    closed();
  }, LOOK_AT_WINDOW);
}

function follow(popup, origin, address) {
  let answered = false;
  listen(popup, origin, (hint) => {
    answered = true;
    popup.close();
    look(address, hint);
  });
  // The return page closes the window as well: then the server knows more than we do.
  watch(popup, () => answered || look(address, "closed"));
  look(address);
}

async function connect(form, popup) {
  show("connect-busy");
  try {
    const { link, status, words } = await ask(form);
    if (!link) throw new Error(words);
    if (popup.closed) return look(status, "closed");
    follow(popup, form.dataset.appOrigin, status);
    popup.location.replace(link);
  } catch (error) {
    popup.close();
    show("connect-failed", error instanceof TypeError || error.message === "no JSON" ? "No answer from the server. Nothing was connected. Reload the page and try again." : error.message);
  }
}

function onSubmit(event) {
  const form = event.target.closest("form[data-connect]");
  if (!form || form.dataset.here) return;
  event.preventDefault();
  // It has to be opened while the click lasts, so on a page of ours; the link comes later.
  const popup = window.open(form.dataset.waiting, "connect", SIZE);
  if (popup) return void connect(form, popup);
  show("connect-blocked");
  area.querySelector("[data-connect-here]").addEventListener("click", () => {
    form.dataset.here = "yes";
    form.requestSubmit();
  });
}

// A page loaded anew has lost its window, but not the attempt: it hears the window out and closes it.
function hearOut(address) {
  const origin = document.querySelector("form[data-connect]")?.dataset.appOrigin;
  window.addEventListener("message", (event) => {
    if (area.dataset.attempt !== address || event.origin !== origin || !event.source || !("result" in Object(event.data))) return;
    event.source.close();
    look(address);
  });
}

if (area?.dataset.attempt) hearOut(area.dataset.attempt);
document.addEventListener("submit", onSubmit);
