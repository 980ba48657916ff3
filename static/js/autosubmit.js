// Forms with data-autosubmit send themselves: choices at once, typed words after a pause (where htmx sends them) or when
// the field is left.

const PAUSE = 350;
const waiting = new WeakMap();

function submit(form) {
  clearTimeout(waiting.get(form));
  form.requestSubmit();
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]")) return;
  if (!isTyped(event.target) || !form.matches("[hx-get], [hx-post]")) submit(form);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-autosubmit]") || !isTyped(event.target)) return;
  // A whole-page form would lose the caret while typing; only forms that htmx sends go by themselves.
  if (!form.matches("[hx-get], [hx-post]")) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => submit(form), PAUSE));
});

function isTyped(input) {
  return input.matches("textarea, input:is([type=text], [type=search], [type=email], :not([type]))");
}
