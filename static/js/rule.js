// The rule editor: shows what belongs to the chosen mode, and the tick list where "Exactly" is chosen.

const form = document.querySelector("form[data-rule]");

function show() {
  const mode = form.querySelector("input[name=mode]:checked")?.value;
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== mode;
  for (const row of form.querySelectorAll("[data-rule-row]")) showRow(row);
}

function showRow(row) {
  const tick = row.querySelector("input[name^=role_]");
  const levels = row.querySelector(".rule-levels");
  levels.hidden = tick ? !tick.checked : false;
  row.querySelector("[data-exactly]").hidden = row.querySelector("select").value !== "exactly";
}

if (form) {
  form.addEventListener("change", show);
  // What was wrong with the last answer may be right by now; the preview says what would be saved.
  form.addEventListener("change", () => form.querySelector("[role=alert]")?.remove());
  show();
}
