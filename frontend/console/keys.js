/* `/` searches, `j` and `k` walk the rows of the first list marked data-oc-rows, Enter opens, `?` shows the keys. */
const TYPING = 'input, textarea, select, [contenteditable]';

export function listenToKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(TYPING)) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    const act = { '/': search, j: () => step(1), k: () => step(-1), '?': showKeys }[event.key];
    if (act && act() !== false) event.preventDefault();
  });
  document.querySelector('[data-oc-keys-open]')?.addEventListener('click', showKeys);
}

function search() {
  const field = document.querySelector('input[type=search]');
  if (!field) return false;
  const fold = field.closest('details');
  if (fold && !field.checkVisibility()) fold.open = true;
  field.focus();
  field.select();
}

/** The link that has the focus says which row is the present one: what is seen and what Enter opens agree. */
function step(by) {
  const links = [...document.querySelectorAll('[data-oc-rows] tbody > tr')].map((row) => row.querySelector('a[href]')).filter(Boolean);
  if (links.length === 0) return false;
  const at = links.indexOf(document.activeElement);
  const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
  document.querySelector('[data-oc-rows] tr[aria-selected=true]')?.removeAttribute('aria-selected');
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

function showKeys() {
  const dialog = document.querySelector('dialog[data-oc-keys]');
  if (!dialog) return false;
  dialog.showModal();
}
