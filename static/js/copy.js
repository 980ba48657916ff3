// Buttons with data-copy put their value on the clipboard and say so.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const word = button.querySelector("[data-copy-word]");
  const before = word.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    word.textContent = "Copied";
  } catch {
    // No permission: mark the text, so that the keyboard's own copy works.
    getSelection().selectAllChildren(button.previousElementSibling);
    word.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { word.textContent = before; }, 2000);
});
