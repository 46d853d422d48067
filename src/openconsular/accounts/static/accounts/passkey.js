// Says so on the page when a passkey did not work; without it the reason would only stand in the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  for (const note of document.querySelectorAll("[data-allauth-error]")) note.hidden = false;
});
