// Reports how the connect page ended: to the window that opened it, or by going back.
const place = document.getElementById("ending").dataset;
const message = JSON.parse(document.getElementById("message").textContent);
const listener = place.framed === "true" ? window.parent : window.opener;

if (listener && listener !== window && place.opener) {
  listener.postMessage(message, place.opener);
} else if (!listener && place.redirect) {
  window.location.replace(place.redirect);
}
