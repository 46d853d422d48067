/** Light, dark or as the device says. Kept in a cookie so that the server draws the page right at once. */
const A_YEAR = 365 * 24 * 3600;

export function chooseScheme() {
  const group = document.querySelector('[data-oc-schemes]');
  if (!group) return;
  const root = document.documentElement;
  const buttons = [...group.querySelectorAll('button')];
  const show = () => buttons.forEach((one) => one.setAttribute('aria-pressed', one.value === root.dataset.colorScheme));
  group.hidden = false;
  show();
  group.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    root.dataset.colorScheme = button.value;
    document.cookie = `scheme=${button.value};path=/;max-age=${A_YEAR};samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
    show();
    document.dispatchEvent(new CustomEvent('oc:scheme'));
  });
}
