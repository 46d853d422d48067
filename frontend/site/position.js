/** `<button data-oc-position data-lat="#id_lat" data-lon="#id_lon">` fills in where the device is. */
export function offerPosition() {
  if (!('geolocation' in navigator)) return;
  document.querySelectorAll('[data-oc-position]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => locate(button));
  });
}

function locate(button) {
  const status = document.getElementById(button.dataset.status);
  const tell = (text) => status && (status.textContent = text);
  button.setAttribute('aria-busy', 'true');
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.removeAttribute('aria-busy');
      fill(button.dataset.lat, coords.latitude);
      fill(button.dataset.lon, coords.longitude);
      tell(button.dataset.found);
    },
    () => {
      button.removeAttribute('aria-busy');
      tell(button.dataset.failed);
    },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
}

export function fill(selector, degrees) {
  const input = document.querySelector(selector);
  if (!input) return;
  // Five decimals are about a metre; more would only pretend.
  input.value = degrees.toFixed(5);
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
