// Forms with data-tick-list say how many rows are ticked, and tick them all from one box.
for (const form of document.querySelectorAll("form[data-tick-list]")) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const words = form.querySelector("[data-tick-count]");
  const all = document.createElement("button");
  all.type = "button";
  all.className = "button button-quiet button-small";
  words.before(all);
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    words.textContent = ticked ? `${ticked} ticked` : "";
    all.textContent = ticked === boxes.length ? "Untick all" : "Tick all on this page";
  };
  all.addEventListener("click", () => {
    const tick = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = tick;
    show();
  });
  form.addEventListener("change", show);
  show();
}
