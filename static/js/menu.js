// The phone's menu: closes when the page grows wide enough to show the navigation, or when a link in it is followed.

const menu = document.getElementById("navigation");

function close() {
  if (menu?.matches(":popover-open")) menu.hidePopover();
}

matchMedia("(min-width: 56rem)").addEventListener("change", close);
menu?.addEventListener("click", (event) => { if (event.target.closest("a")) close(); });
