// Shows only the part of "Identify & map user" that belongs to the chosen answer.
const form = document.querySelector("form[data-identify]");
if (form) {
  const parts = form.querySelectorAll("[data-for]");
  const show = () => {
    const chosen = form.querySelector("input[name=user_is]:checked")?.value;
    for (const part of parts) part.hidden = part.dataset.for !== chosen;
  };
  form.addEventListener("change", show);
  show();
}
