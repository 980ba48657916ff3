// "Identify & map user": shows the part that belongs to the answer; keys for working through many.
const form = document.querySelector("form[data-identify]");
if (form) {
  const parts = form.querySelectorAll("[data-for]");
  const kinds = form.querySelectorAll("[data-kind]");
  const kind = form.querySelector("select[name=not_staff_kind]");
  const end = form.querySelector("input[name=ends_on]");
  const prefilled = end?.defaultValue;
  const show = (event) => {
    const chosen = form.querySelector("input[name=user_is]:checked")?.value;
    for (const part of parts) part.hidden = part.dataset.for !== chosen;
    for (const part of kinds) part.hidden = part.dataset.kind !== kind.value;
    if (event?.target !== kind) return;
    // An engagement has an end of its own; for the others a year is as good as any.
    if (kind.value === "external" && end.value === prefilled) end.value = "";
    if (kind.value !== "external" && end.value === "") end.value = prefilled;
  };
  form.addEventListener("change", show);
  show();
}

const ticks = document.querySelector("form[data-ticks]");
if (ticks) {
  const all = ticks.querySelector("[data-tick-all]");
  const boxes = [...ticks.querySelectorAll("input[name=account]")];
  const words = ticks.querySelector("[data-tick-count]");
  const ticked = () => boxes.filter((box) => box.checked).length;
  const show = () => {
    words.classList.remove("bad");
    words.textContent = ticked() ? `${ticked()} ticked` : "";
  };
  all.addEventListener("change", () => {
    for (const each of ticks.querySelectorAll("[data-has-suggestion]")) each.checked = all.checked;
  });
  ticks.addEventListener("change", show);
  ticks.addEventListener("submit", (event) => {
    if (ticked()) return;
    event.preventDefault();
    words.classList.add("bad");
    words.textContent = "Tick at least one account first.";
    boxes[0].focus();
  });
  show();
}

// Single keys can be switched off (WCAG 2.1.4) and never act while somebody types.
const toggle = document.querySelector("[data-keys-toggle]");
if (toggle) {
  const remembered = "identify-keys";
  toggle.checked = localStorage.getItem(remembered) !== "off";
  toggle.addEventListener("change", () => {
    localStorage.setItem(remembered, toggle.checked ? "on" : "off");
  });
  const suggestions = document.querySelectorAll("[data-suggestion]");
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
    if (!toggle.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    const suggestion = suggestions[Number(event.key) - 1];
    if (link) link.click();
    else if (suggestion) suggestion.focus();
    else if (event.key === "u") form?.querySelector("input[name=user_is]:checked")?.focus();
    else return;
    event.preventDefault();
  });
}
