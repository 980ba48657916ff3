// Reports how the connect page ended: to the window that opened it, or by going back.
const place = document.getElementById("ending").dataset;
const message = JSON.parse(document.getElementById("message").textContent);
const listener = place.framed === "true" ? window.parent : window.opener;

if (listener && listener !== window) {
  // A page whose referrer policy hides its address is told all the same: nothing in it is secret.
  listener.postMessage(message, place.opener || "*");
} else if (!listener && place.redirect) {
  window.location.replace(place.redirect);
}
