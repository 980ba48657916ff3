// Opens and closes native dialogs, and gives the focus back to whatever opened them.

const openers = new WeakMap();

function open(dialog, opener) {
  openers.set(dialog, opener);
  if (!dialog.open) dialog.showModal();
}

function onClick(event) {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (!dialog) return;
    event.preventDefault();
    open(dialog, opener);
    return;
  }
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) closer.closest("dialog")?.close();
}

// A press that starts and ends on the veil closes; one that starts on a text being selected does not.
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.target; });
document.addEventListener("pointerup", (event) => {
  if (event.target === pressed && event.target.matches?.("dialog[open]") && outside(event)) event.target.close();
});

function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

document.addEventListener("click", onClick);
document.addEventListener("close", (event) => openers.get(event.target)?.focus(), true);
document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
});

// What htmx brings into a dialog starts at its first field.
document.addEventListener("htmx:afterSwap", (event) => {
  const body = event.target.closest?.("dialog[open] .dialog-body");
  body?.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
});

// A dialog that the server wants to be open from the start (a form that came back with errors).
for (const dialog of document.querySelectorAll("dialog[data-dialog-start]")) dialog.showModal();
