/** `<button data-oc-position data-lat="#id_lat" data-lon="#id_lon">` fills in where the device is. */
export function offerPosition() {
  offerRemoval();
  if (!('geolocation' in navigator)) return;
  document.querySelectorAll('[data-oc-position]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => locate(button));
  });
}

/** `<button data-oc-unpin data-lat="#id_lat" data-lon="#id_lon">`: the point that was set can be taken back. */
function offerRemoval() {
  document.querySelectorAll('[data-oc-unpin]').forEach((button) => {
    const inputs = [button.dataset.lat, button.dataset.lon].map((selector) => document.querySelector(selector));
    if (inputs.includes(null)) return;
    const show = () => (button.hidden = inputs.every((input) => !input.value));
    inputs.forEach((input) => input.addEventListener('change', show));
    button.addEventListener('click', () => {
      inputs.forEach((input) => (input.value = ''));
      document.getElementById(button.dataset.status).textContent = button.dataset.removed;
      document.dispatchEvent(new CustomEvent('oc:unpinned'));
      // The button goes: whoever used the keyboard goes on at the place's name.
      button.form?.querySelector('input[data-oc-suggest]')?.focus();
      show();
    });
    show();
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
