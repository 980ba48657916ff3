// Short messages: leave by themselves when nothing has to be done, and can always be dismissed.

const STAY = 8000;
const KINDS = ["good", "info", "warn", "bad"];
const area = document.getElementById("toasts");
const drawn = document.getElementById("toast-template");

function dismiss(toast) {
  toast.classList.add("toast-leaving");
  setTimeout(() => toast.remove(), 220);
}

// The clock stands still while somebody points at the message or is inside it.
function leaveLater(toast) {
  if (!["good", "info"].includes(toast.dataset.toast)) return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? leaveLater(toast) : dismiss(toast)), STAY);
}

export function show(text, kind = "info") {
  const known = KINDS.includes(kind) ? kind : "info";
  const toast = drawn.content.querySelector(`[data-toast="${known}"]`).cloneNode(true);
  toast.querySelector("p").textContent = text;
  area.append(toast);
  leaveLater(toast);
}

for (const toast of area.querySelectorAll("[data-toast]")) leaveLater(toast);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toast-close]");
  if (button) dismiss(button.closest("[data-toast]"));
});

// From the server: HX-Trigger: {"toast": {"text": "Saved", "kind": "good"}}
document.addEventListener("toast", (event) => show(event.detail.text ?? event.detail.value, event.detail.kind));

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 403) show("That did not go through: your role does not allow it, or the page is too old. Reload the page and try again.", "bad");
  else show("That did not go through and nothing was changed. Reload the page and try again.", "bad");
});
document.addEventListener("htmx:sendError", () => show("No answer from the server. Check your connection and try again.", "bad"));
