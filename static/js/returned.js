// The page that the provider sends the browser back to: in the pop-up it closes itself, else it goes on.

const { next } = document.querySelector("[data-next]").dataset;
if (window.opener) window.close();
setTimeout(() => window.location.replace(next), window.opener ? 700 : 0);
